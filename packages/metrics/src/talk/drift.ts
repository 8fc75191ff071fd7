import { ProsoponError } from "@prosopon/errors";

export interface Drift {
  /** Least-squares slope of the curve in its unit a second. */
  readonly perSecond: number;
  /** Mean of the first and of the last tenth. */
  readonly start: number;
  readonly end: number;
  readonly frames: number;
}

/**
 * Where a curve over the frames of a video goes: of `cosine` of each frame's embedding with the first one's it is the identity's drift, of `sharpness`
 * the sharpness'. @throws `bad-input` for less than two frames, numbers that are not finite.
 */
export function drift(curve: ArrayLike<number>, { framesPerSecond }: { readonly framesPerSecond: number }): Drift {
  const values = Array.from(curve);
  const n = values.length;
  if (n < 2 || !values.every(Number.isFinite) || !(framesPerSecond > 0))
    throw new ProsoponError("bad-input", `${n} frames are no curve that could drift.`, {
      values: { frames: n, framesPerSecond },
      mend: "Give two or more finite numbers.",
    });
  const mean = (some: readonly number[]) => some.reduce((sum, value) => sum + value, 0) / some.length;
  const [middle, level] = [(n - 1) / 2, mean(values)];
  let [above, below] = [0, 0];
  values.forEach((value, t) => {
    above += (t - middle) * (value - level);
    below += (t - middle) ** 2;
  });
  const tenth = Math.max(1, Math.floor(n / 10));
  return {
    perSecond: (above / below) * framesPerSecond,
    start: mean(values.slice(0, tenth)),
    end: mean(values.slice(-tenth)),
    frames: n,
  };
}
