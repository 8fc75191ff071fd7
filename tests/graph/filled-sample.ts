import { allocate, sizeOf, type Tensor } from "@prosopon/graph";

/**
 * Evenly spread numbers of a range in a shuffled order: all different, none at the middle or the ends; those of the first
 * few seeds also differ from each other.
 */
export function filledSample(
  shape: readonly number[],
  [low, high]: readonly [number, number] = [-1, 1],
  seed = 1,
): Tensor<"float32"> {
  const size = sizeOf(shape);
  const data = allocate("float32", size);
  // One more step than elements when that keeps the middle free.
  const steps = size + (size % 2);
  const offset = [0.5, 0.3, 0.7, 0.4, 0.6][seed % 5]!;
  for (let i = 0; i < size; i++) data[i] = low + ((high - low) * (i + offset)) / steps;
  let state = (seed * 2654435761) >>> 0;
  for (let i = size - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [data[i], data[j]] = [data[j]!, data[i]!];
  }
  return { dtype: "float32", shape, data };
}
