import { philox } from "@prosopon/random";

export const splits = ["train", "validation", "test"] as const;
export type Split = (typeof splits)[number];

/**
 * The part of the data set that a person belongs to, in all its pictures: about 80 % train, 10 % validation, 10 % test. It
 * depends on the identity alone, so no face is ever in two parts, whatever the seed of the sample.
 */
export function split(identity: number): Split {
  const place = philox(identity, "corpus/split").uniform();
  return place < 0.8 ? "train" : place < 0.9 ? "validation" : "test";
}
