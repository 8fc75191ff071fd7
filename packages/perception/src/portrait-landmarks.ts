import { type Expert, linear, type ParameterSource } from "@prosopon/nn";
import { fitted } from "./fitted.ts";
import { type Architecture, tower } from "./tower.ts";

export interface PortraitLandmarksOptions {
  readonly architecture: Architecture;
  readonly parameters?: ParameterSource;
}

/** 68 landmarks of one face that fills the picture, iBUG order. Features: the stages of its body, then [N, 136]: x0, y0, ... in 0..1. */
export const portraitLandmarks = ({ architecture, parameters }: PortraitLandmarksOptions): Expert => ({
  specification: "expert/v1",
  name: `landmarks-${architecture}`,
  input: { channels: 3, height: 128, width: 128 },
  preprocess: (image) => fitted(image, 128),
  features(scope, image) {
    const { stages, flat } = tower(scope, image, architecture);
    return [...stages, linear(scope.at("points"), flat, { outputs: 136 })];
  },
  ...(parameters ? { parameters } : {}),
});
