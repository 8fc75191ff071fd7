import { ProsoponError } from "@prosopon/errors";
import type { Interval } from "../bootstrap.ts";

/** Exact interval of a share (Clopper and Pearson 1934): `successes` of `count`. @throws `bad-input` */
export function binomialInterval(successes: number, count: number, level = 0.95): Interval {
  if (
    !Number.isInteger(successes) ||
    !Number.isInteger(count) ||
    count < 1 ||
    successes < 0 ||
    successes > count ||
    !(level > 0 && level < 1)
  )
    throw new ProsoponError("bad-input", `${successes} of ${count} at level ${level} is no share.`, {
      values: { successes, count, level },
    });
  const tail = (1 - level) / 2;
  return {
    low: successes === 0 ? 0 : solve((p) => 1 - below(successes - 1, count, p) - tail, true),
    high: successes === count ? 1 : solve((p) => below(successes, count, p) - tail, false),
    level,
  };
}

/** P(X <= k) of a binomial variable, summed in logarithms. */
function below(k: number, n: number, p: number): number {
  let [log, sum] = [n * Math.log1p(-p), 0];
  for (let i = 0; i <= k; i++) {
    sum += Math.exp(log);
    log += Math.log((n - i) / (i + 1)) + Math.log(p) - Math.log1p(-p);
  }
  return Math.min(1, sum);
}

/** Where a monotone function on 0..1 is 0, by halving. */
function solve(f: (p: number) => number, rising: boolean): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (f(middle) < 0 === rising) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
