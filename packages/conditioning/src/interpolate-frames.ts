import { add, constant, gather, mul, sub, tensor, type Value } from "@prosopon/graph";

/** Between which rows of L each frame lies, and how far on: row `below` + `rest`, `rest` in [0, 1). */
export interface FramePlaces {
  readonly below: readonly number[];
  readonly rest: readonly number[];
}

/**
 * Frame j of `frames` lies at row j (L - 1) / (frames - 1) of `length`: both ends meet. PyTorch's `interpolate(mode="linear", align_corners=True)`,
 * with its single-precision places.
 */
export function framePlaces(length: number, frames: number): FramePlaces {
  const step = frames > 1 ? Math.fround((length - 1) / (frames - 1)) : 0;
  const places = Array.from({ length: frames }, (_, j) => Math.min(Math.fround(step * j), length - 1));
  const below = places.map(Math.floor);
  return { below, rest: places.map((place, j) => place - below[j]!) };
}

/** Rows of [B, L, F] read between `below` and `above` (int64 [frames]), `rest` [1, frames, 1] of the way: [B, frames, F]. */
export const interpolateRows = (x: Value, below: Value, above: Value, rest: Value): Value =>
  add(mul(gather(x, below, 1), sub(1, rest)), mul(gather(x, above, 1), rest));

/** Linear interpolation of [B, L, F] to [B, frames, F], see `framePlaces`. */
export function interpolateFrames(x: Value, frames: number): Value {
  const length = x.shape[1]!;
  if (length === frames) return x;
  const { below, rest } = framePlaces(length, frames);
  const rows = (indices: readonly number[]) => constant(x.graph, tensor("int64", [frames], indices));
  const above = below.map((row) => Math.min(row + 1, length - 1));
  return interpolateRows(x, rows(below), rows(above), constant(x.graph, tensor("float32", [1, frames, 1], rest)));
}
