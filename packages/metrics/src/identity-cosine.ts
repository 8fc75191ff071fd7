import { cosine } from "./cosine.ts";
import { meanMetric } from "./mean-metric.ts";
import type { Metric } from "./metric.ts";
import type { Summary } from "./summary.ts";

export interface IdentityPair {
  /** Embedding of the picture before. */
  readonly source: ArrayLike<number>;
  /** Embedding of the picture after. */
  readonly edit: ArrayLike<number>;
}

export interface IdentityCosineOptions {
  /** Whose embeddings they are, for the protocol line. */
  readonly judge?: string;
}

/** How much an edit still looks like the same person ("CSIM"): the cosine of the embeddings, 1 the same. */
export const identityCosine = ({ judge = "an embedder" }: IdentityCosineOptions = {}): Metric<IdentityPair, Summary> =>
  meanMetric({
    name: "identity-cosine",
    protocol: `Cosine of the embeddings of source and edit by ${judge}, mean over pairs.`,
    score: ({ source, edit }) => cosine(source, edit),
  });
