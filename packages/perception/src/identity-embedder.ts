import { type Expert, linear, type ParameterSource } from "@prosopon/nn";
import { fitted } from "./fitted.ts";
import { type Architecture, tower } from "./tower.ts";
import { unitRows } from "./unit-rows.ts";

export interface EmbedderOptions {
  readonly architecture: Architecture;
  /** Length of the embedding; default 64. */
  readonly size?: number;
  readonly parameters?: ParameterSource;
}

/** Who a face is. Features: the stages of its body, then the embedding [N, size] of length 1; the same person has a cosine near 1. */
export const identityEmbedder = ({ architecture, size = 64, parameters }: EmbedderOptions): Expert => ({
  specification: "expert/v1",
  name: `identity-${architecture}`,
  input: { channels: 3, height: 128, width: 128 },
  preprocess: (image) => fitted(image, 128),
  features(scope, image) {
    const { stages, flat } = tower(scope, image, architecture);
    return [...stages, unitRows(linear(scope.at("embedding"), flat, { outputs: size }))];
  },
  ...(parameters ? { parameters } : {}),
});
