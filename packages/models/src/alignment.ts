import type { Manifest } from "./manifest.ts";

/**
 * How a face was brought into the square that a model learned from: "canonical", a similarity to the template of `alignFace`; "corpus", where rendered
 * portraits have it; "reference", the thesis' code for AffectNet (`referenceFace`); "reference-clip", its code for MEAD (`referenceClipBox`);
 * "none", the middle of the picture as it is.
 */
export const alignments = ["canonical", "corpus", "reference", "reference-clip", "none"] as const;

export type Alignment = (typeof alignments)[number];

/** What a model needs; where its manifest does not say, what its domain usually has. */
export const alignmentOf = ({ alignment, domain }: Pick<Manifest, "alignment" | "domain">): Alignment =>
  alignment ?? (domain === "photographs" ? "canonical" : "corpus");
