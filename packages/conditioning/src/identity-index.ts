import { ProsoponError } from "@prosopon/errors";

export interface IdentityIndexOptions {
  /** Frames after the target, itself counted, that may still be drawn; default 60, the reference's `max_shortcut`. */
  readonly beyond?: number;
  /** Frames on both sides of the target, and the target itself, that may not; default: all may, as in the reference. 0 excludes the target alone. */
  readonly exclude?: number;
}

/**
 * Which frame of a clip of n shows who speaks when frame k is the target: uniform over 0 .. min(n, k + beyond) - 1 (reference, section 5.5), without
 * the target's neighbourhood if `exclude` is given. Where that leaves no frame, the one farthest from the target.
 * @param uniform from [0, 1)
 * @throws `bad-input` when k is no frame of the clip.
 */
export function identityIndex(
  k: number,
  n: number,
  uniform: number,
  { beyond = 60, exclude }: IdentityIndexOptions = {},
): number {
  if (!(Number.isInteger(n) && Number.isInteger(k) && k >= 0 && k < n && beyond >= 1 && uniform >= 0 && uniform < 1))
    throw new ProsoponError("bad-input", `No identity frame for frame ${k} of ${n} by the number ${uniform}.`, {
      values: { k, n, uniform, beyond },
      mend: "The frame must be in the clip, the number in [0, 1), and beyond at least 1.",
    });
  const end = Math.min(n, k + beyond);
  if (exclude === undefined) return Math.floor(uniform * end);
  const before = Math.max(0, k - exclude);
  const from = Math.min(end, k + exclude + 1);
  const allowed = before + (end - from);
  if (allowed === 0) return k >= end - 1 - k ? 0 : end - 1;
  const drawn = Math.floor(uniform * allowed);
  return drawn < before ? drawn : from + drawn - before;
}
