/** A number that is sought: where it starts, how far it usually strays from there, and its limits. */
export interface Unknown {
  readonly start: number;
  readonly spread: number;
  readonly low: number;
  readonly high: number;
}

export interface LeastSquaresOptions {
  readonly unknowns: readonly Unknown[];
  /** What should be zero, each in units of its standard deviation. */
  readonly residuals: (values: readonly number[]) => readonly number[];
  /** Default 25. */
  readonly steps?: number;
}

/**
 * The values with the least sum of squares of residuals and of strayings (value - start) / spread, within their limits: Levenberg-Marquardt with
 * difference quotients, each step cut at the limits.
 */
export function boundedLeastSquares({ unknowns, residuals, steps = 25 }: LeastSquaresOptions): number[] {
  const within = (value: number, i: number) => Math.max(unknowns[i]!.low, Math.min(unknowns[i]!.high, value));
  const all = (values: readonly number[]): number[] => [
    ...residuals(values),
    ...values.map((value, i) => (value - unknowns[i]!.start) / unknowns[i]!.spread),
  ];
  const cost = (list: readonly number[]) => list.reduce((sum, v) => sum + v * v, 0);
  let values = unknowns.map(({ start }, i) => within(start, i));
  let now = all(values);
  let damping = 1e-2;
  for (let step = 0; step < steps; step++) {
    // Columns of the Jacobian, in units of the spread.
    const columns = unknowns.map(({ spread, high }, i) => {
      const distance = (values[i]! + 1e-3 * spread > high ? -1e-3 : 1e-3) * spread;
      const moved = all(values.map((value, k) => (k === i ? value + distance : value)));
      return moved.map((value, row) => ((value - now[row]!) * spread) / distance);
    });
    const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, row) => sum + v * b[row]!, 0);
    const normal = columns.map((a) => columns.map((b) => dot(a, b)));
    const gradient = columns.map((a) => dot(a, now));
    let better = false;
    for (let attempt = 0; attempt < 6 && !better; attempt++) {
      const change = solve(
        normal.map((row, i) => row.map((v, k) => (i === k ? v * (1 + damping) : v))),
        gradient.map((v) => -v),
      );
      const next = values.map((value, i) => within(value + change[i]! * unknowns[i]!.spread, i));
      const then = all(next);
      better = cost(then) < cost(now);
      if (better) {
        const gain = 1 - cost(then) / cost(now);
        [values, now] = [next, then];
        damping = Math.max(1e-6, damping / 4);
        if (gain < 1e-6) return values;
      } else damping *= 5;
    }
    if (!better) break;
  }
  return values;
}

/** x of A x = b by Gauss' elimination with pivots. */
function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i]!]);
  const n = rows.length;
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let k = i + 1; k < n; k++) if (Math.abs(rows[k]![i]!) > Math.abs(rows[pivot]![i]!)) pivot = k;
    [rows[i], rows[pivot]] = [rows[pivot]!, rows[i]!];
    for (let k = i + 1; k < n; k++) {
      const factor = rows[k]![i]! / rows[i]![i]!;
      for (let j = i; j <= n; j++) rows[k]![j]! -= factor * rows[i]![j]!;
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    let sum = rows[i]![n]!;
    for (let j = i + 1; j < n; j++) sum -= rows[i]![j]! * x[j]!;
    x[i] = sum / rows[i]![i]!;
  }
  return x;
}
