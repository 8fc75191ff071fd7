/** Pearson correlation of two curves of one length; NaN where one of them is flat. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [a[i]! - ma, b[i]! - mb];
    ab += p * q;
    aa += p * p;
    bb += q * q;
  }
  return ab / Math.sqrt(aa * bb);
}

/** By how many places `late` comes after `early`, where their correlation is largest; -reach to reach. */
export function lagOf(early: readonly number[], late: readonly number[], reach: number): number {
  let best = { lag: 0, value: Number.NEGATIVE_INFINITY };
  for (let lag = -reach; lag <= reach; lag++) {
    const [from, to] = [Math.max(0, lag), Math.min(late.length, early.length + lag)];
    const value = correlation(early.slice(from - lag, to - lag), late.slice(from, to));
    if (value > best.value) best = { lag, value };
  }
  return best.lag;
}
