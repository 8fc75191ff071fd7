import { ProsoponError } from "@prosopon/errors";

/** Cosine of the angle between two vectors, -1..1. @throws `bad-input` for unlike lengths or a vector of length 0. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  const length = Math.sqrt(aa * bb);
  if (a.length !== b.length || !(length > 0))
    throw new ProsoponError("bad-input", `Vectors of ${a.length} and ${b.length} numbers have no cosine.`, {
      values: { lengths: [a.length, b.length], squares: [aa, bb] },
      mend: "Give two embeddings of the same network.",
    });
  return dot / length;
}
