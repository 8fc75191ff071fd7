import type { Denoiser } from "./denoiser.ts";
import { combine, type Latents } from "./latents.ts";
import { checkSignal, type SampleOptions, type Sampler } from "./sampler.ts";
import type { GridLevel, SolverGrid } from "./solver-grid.ts";

export interface UniPcOptions {
  /** Of the predictor; the corrector has one more. Default 2. */
  readonly order?: 1 | 2 | 3;
  /** B(h): "bh1" is h, "bh2" (default) e^h − 1. */
  readonly variant?: "bh1" | "bh2";
  /** Takes the last steps with less order, as published; default: below 15 steps, where the highest order would overshoot. */
  readonly lowerOrderFinal?: boolean;
}

/** Solves a small dense system by elimination with pivots. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  const n = rows.length;
  for (let column = 0; column < n; column++) {
    let best = column;
    for (let i = column + 1; i < n; i++) if (Math.abs(rows[i]![column]!) > Math.abs(rows[best]![column]!)) best = i;
    [rows[column], rows[best]] = [rows[best]!, rows[column]!];
    for (let i = 0; i < n; i++) {
      if (i === column) continue;
      const factor = rows[i]![column]! / rows[column]![column]!;
      for (let j = column; j <= n; j++) rows[i]![j]! -= factor * rows[column]![j]!;
    }
  }
  return rows.map((row, i) => row[n]! / row[i]!);
}

interface Weights {
  readonly b: number;
  /** e^{−h} − 1. */
  readonly phi: number;
  /** (λ_i − λ_from)/h of the older levels, newest first. */
  readonly ratios: readonly number[];
  readonly predictor: readonly number[];
  /** The last belongs to the level that the step goes to. */
  readonly corrector: readonly number[];
}

/** The weights of theorem 3.1 of Zhao et al. 2023 in data prediction. */
function weightsOf(from: GridLevel, to: GridLevel, older: readonly GridLevel[], variant: "bh1" | "bh2"): Weights {
  const h = to.lambda - from.lambda;
  const hh = -h;
  const phi = Math.expm1(hh);
  const b = variant === "bh1" ? hh : phi;
  const ratios = older.map(({ lambda }) => (lambda - from.lambda) / h);
  const all = [...ratios, 1];
  const order = all.length;
  const matrix: number[][] = [];
  const right: number[] = [];
  let [term, factorial] = [phi / hh - 1, 1];
  for (let i = 1; i <= order; i++) {
    matrix.push(all.map((r) => r ** (i - 1)));
    right.push((term * factorial) / b);
    factorial *= i + 1;
    term = term / hh - 1 / factorial;
  }
  const inner = order - 1;
  // The published method takes 1/2 for both of the smallest systems.
  const predictor =
    inner === 0
      ? []
      : inner === 1
        ? [0.5]
        : solve(
            matrix.slice(0, inner).map((row) => row.slice(0, inner)),
            right.slice(0, inner),
          );
  return { b, phi, ratios, predictor, corrector: order === 1 ? [0.5] : solve(matrix, right) };
}

/**
 * UniPC (Zhao et al. 2023, algorithms 1 and 2): a multistep predictor, and a corrector that uses the network's next answer, which costs no
 * call more. Deterministic; one call a step.
 */
export const uniPc = (
  grid: SolverGrid,
  { order = 2, variant = "bh2", lowerOrderFinal = grid.levels.length <= 15 }: UniPcOptions = {},
): Sampler => ({
  specification: "sampler/v1",
  name: `unipc-${order}`,
  steps: grid.levels.length - 1,
  async *sample<L extends Latents>(denoise: Denoiser<L>, start: L, options: SampleOptions<L> = {}) {
    const { levels } = grid;
    const steps = levels.length - 1;
    const ask = async (x: L, { time, alpha }: GridLevel) =>
      (await denoise(x, { time, alpha: alpha ** 2 }, options)).denoised;
    const history: { readonly level: GridLevel; readonly denoised: L }[] = [];
    let noisy = start;
    let denoised = await ask(noisy, levels[0]!);
    for (let index = 0; index < steps; index++) {
      checkSignal(options.signal);
      const [from, to] = [levels[index]!, levels[index + 1]!];
      // The first steps have no past.
      const reach = Math.min(order, index + 1, lowerOrderFinal ? steps - index : order);
      const older = history.slice(0, reach - 1);
      const { b, phi, ratios, predictor, corrector } = weightsOf(
        from,
        to,
        older.map(({ level }) => level),
        variant,
      );
      const here = denoised;
      const differences = older.map(({ denoised: m }, i) => combine([1 / ratios[i]!, m], [-1 / ratios[i]!, here]));
      const base = combine([to.sigma / from.sigma, noisy], [-to.alpha * phi, here]);
      const along = (weights: readonly number[], ...more: readonly L[]): L =>
        combine([1, base], ...[...differences, ...more].map((d, i) => [-to.alpha * b * weights[i]!, d] as const));
      history.unshift({ level: from, denoised: here });
      history.length = Math.min(history.length, 3);
      noisy = along(predictor);
      if (index + 1 < steps) {
        const next = await ask(noisy, to);
        noisy = along(corrector, combine([1, next], [-1, here]));
        denoised = next;
      }
      yield { index, time: from.time, noisy, denoised: here };
    }
  },
});
