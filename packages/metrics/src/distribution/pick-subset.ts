import { philox } from "@prosopon/random";

/** Draws `size` different numbers out of 0 .. count - 1. `index` counts the draws. */
export type PickSubset = (count: number, size: number, index: number) => ArrayLike<number>;

/** Subsets named by seed and index alone, by the first steps of Fisher and Yates' shuffle. */
export const subsetPicker =
  (seed: number): PickSubset =>
  (count, size, index) => {
    const random = philox(seed, "subset", index);
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    for (let i = 0; i < size; i++) {
      const j = i + random.integer(count - i);
      const swapped = order[i]!;
      order[i] = order[j]!;
      order[j] = swapped;
    }
    return order.subarray(0, size);
  };
