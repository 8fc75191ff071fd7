import { ProsoponError } from "@prosopon/errors";

export interface SyncOffsetOptions {
  readonly framesPerSecond: number;
  /** Lags up to this many frames either way are tried; default 15, as SyncNet. */
  readonly reach?: number;
}

export interface SyncOffset {
  /** Seconds by which the mouth comes after the sound; below 0: before it. */
  readonly seconds: number;
  readonly frames: number;
  /** Pearson correlation at this lag, -1..1. */
  readonly correlation: number;
  /** The correlation minus the median over all lags: near 0 when no lag is better than others. */
  readonly confidence: number;
}

/**
 * The lag at which the mouth's opening follows the loudness best: cross-correlation of two curves, a number a frame. A coarse measure that needs no
 * network: a second or two of speech with pauses. @throws `bad-input` for curves that are too short, not finite or flat.
 */
export function syncOffset(
  opening: ArrayLike<number>,
  envelope: ArrayLike<number>,
  { framesPerSecond, reach = 15 }: SyncOffsetOptions,
): SyncOffset {
  const length = Math.min(opening.length, envelope.length);
  const [mouth, sound] = [opening, envelope].map((curve) => Array.from(curve).slice(0, length));
  if (length < 2 * reach || !mouth!.every(Number.isFinite) || !sound!.every(Number.isFinite) || !(framesPerSecond > 0))
    throw new ProsoponError("bad-input", `${length} frames are too few, or not finite, to find lags up to ${reach}.`, {
      values: { length, reach, framesPerSecond },
      mend: `Give ${2 * reach} frames or more.`,
    });
  const lags = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  const found = lags.map((lag) => {
    const from = Math.max(0, lag);
    const to = Math.min(length, length + lag);
    return correlation(mouth!.slice(from, to), sound!.slice(from - lag, to - lag));
  });
  const best = found.reduce((most, value, i) => (value > found[most]! ? i : most), 0);
  if (!Number.isFinite(found[best]))
    throw new ProsoponError("bad-input", "The mouth or the sound does not change, so there is nothing to compare.", {
      mend: "Give a clip in which somebody speaks.",
    });
  const median = found.toSorted((a, b) => a - b)[reach]!;
  return {
    frames: lags[best]!,
    seconds: lags[best]! / framesPerSecond,
    correlation: found[best]!,
    confidence: found[best]! - median,
  };
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [a[i]! - ma, b[i]! - mb];
    ab += p * q;
    aa += p * p;
    bb += q * q;
  }
  // A curve that is flat at one lag is no better there than anywhere.
  return aa > 1e-20 && bb > 1e-20 ? ab / Math.sqrt(aa * bb) : Number.NEGATIVE_INFINITY;
}
