import { ProsoponError } from "@prosopon/errors";
import { philox } from "@prosopon/random";

export interface BootstrapOptions {
  /** How often is drawn anew; default 1000. */
  readonly resamples?: number;
  /** Probability that the interval holds the truth; default 0.95. */
  readonly level?: number;
  /** Default 1. */
  readonly seed?: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly level: number;
}

export interface Bootstrap extends Interval {
  /** The statistic of the samples as they are. */
  readonly value: number;
  /** Standard deviation over the resamples. */
  readonly standardError: number;
  readonly resamples: number;
}

/**
 * Percentile interval of a statistic (Efron 1979): it is computed again and again on as many samples, drawn with repetition. `statistic` gets the
 * numbers of the samples drawn. @throws `bad-input` for no samples, what else `statistic` throws.
 */
export async function bootstrap(
  count: number,
  statistic: (samples: Uint32Array) => number | Promise<number>,
  { resamples = 1000, level = 0.95, seed = 1 }: BootstrapOptions = {},
): Promise<Bootstrap> {
  if (!(count >= 1) || !Number.isInteger(resamples) || resamples < 2 || !(level > 0 && level < 1))
    throw new ProsoponError(
      "bad-input",
      `${resamples} resamples of ${count} samples at level ${level} give no interval.`,
      {
        values: { count, resamples, level },
        mend: "Give samples, two or more resamples and a level between 0 and 1.",
      },
    );
  const value = await statistic(Uint32Array.from({ length: count }, (_, i) => i));
  const drawn: number[] = [];
  for (let r = 0; r < resamples; r++) {
    const random = philox(seed, "bootstrap", r);
    drawn.push(await statistic(Uint32Array.from({ length: count }, () => random.integer(count))));
  }
  const ordered = drawn.toSorted((a, b) => a - b);
  const mean = drawn.reduce((sum, one) => sum + one, 0) / resamples;
  const variance = drawn.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (resamples - 1);
  return {
    value,
    low: quantile(ordered, (1 - level) / 2),
    high: quantile(ordered, (1 + level) / 2),
    level,
    standardError: Math.sqrt(variance),
    resamples,
  };
}

/** Linear between the two nearest of ascending numbers, as numpy's default. */
function quantile(ordered: readonly number[], q: number): number {
  const at = q * (ordered.length - 1);
  const [low, high] = [Math.floor(at), Math.ceil(at)];
  return ordered[low]! + (at - low) * (ordered[high]! - ordered[low]!);
}
