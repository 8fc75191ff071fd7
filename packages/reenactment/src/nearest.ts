import { ProsoponError } from "@prosopon/errors";

/** One of the nearest, with its place in the list that was searched. */
export interface Neighbour {
  readonly index: number;
  readonly distance: number;
}

/**
 * The `count` nearest of some vectors to one, nearest first (thesis section 4.3: are generated faces copies of training pictures?). "pixel": the
 * root of the mean squared difference; "feature": 1 − cosine.
 * @throws `bad-input` when the vectors differ in length.
 */
export function nearest(
  query: ArrayLike<number>,
  candidates: readonly ArrayLike<number>[],
  { count = 8, measure = "pixel" }: { readonly count?: number; readonly measure?: "pixel" | "feature" } = {},
): readonly Neighbour[] {
  const distances = candidates.map((one, index) => {
    if (one.length !== query.length)
      throw new ProsoponError("bad-input", `Vectors of ${query.length} and ${one.length} numbers have no distance.`, {
        values: { index },
      });
    let [squares, dot, aa, bb] = [0, 0, 0, 0];
    for (let i = 0; i < one.length; i++) {
      const [a, b] = [query[i]!, one[i]!];
      squares += (a - b) ** 2;
      dot += a * b;
      aa += a * a;
      bb += b * b;
    }
    const distance =
      measure === "pixel"
        ? Math.sqrt(squares / Math.max(1, one.length))
        : aa * bb > 0
          ? 1 - dot / Math.sqrt(aa * bb)
          : 1;
    return { index, distance };
  });
  return distances.sort((a, b) => a.distance - b.distance || a.index - b.index).slice(0, count);
}
