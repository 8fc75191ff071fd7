import { type Expert, linear, type ParameterSource } from "@prosopon/nn";
import { fitted } from "./fitted.ts";
import { type Architecture, tower } from "./tower.ts";

export interface ClassifierOptions {
  readonly architecture: Architecture;
  /** Number of emotions. */
  readonly classes: number;
  readonly parameters?: ParameterSource;
}

/** A small emotion classifier. Features: the stages of its body, fine to coarse, then the logits [N, classes]. */
export const emotionClassifier = ({ architecture, classes, parameters }: ClassifierOptions): Expert => ({
  specification: "expert/v1",
  name: `emotion-${architecture}`,
  input: { channels: 3, height: 128, width: 128 },
  preprocess: (image) => fitted(image, 128),
  features(scope, image) {
    const { stages, flat } = tower(scope, image, architecture);
    return [...stages, linear(scope.at("head"), flat, { outputs: classes })];
  },
  ...(parameters ? { parameters } : {}),
});
