export { type ClassifierOptions, emotionClassifier } from "./emotion-classifier.ts";
export {
  createFaceFinder,
  type Face,
  type FaceFinder,
  type FaceFinderOptions,
  type FindOptions,
} from "./face-finder.ts";
export { type FaceBox, type FacesOfOptions, facesOf } from "./faces-of.ts";
export { type EmbedderOptions, identityEmbedder } from "./identity-embedder.ts";
export { landmarkNet } from "./landmark-net.ts";
export { type PortraitLandmarksOptions, portraitLandmarks } from "./portrait-landmarks.ts";
export { createExpertRunner, type ExpertRunner, type ExpertRunnerOptions } from "./run-expert.ts";
export { tinyFaceDetector } from "./tiny-face-detector.ts";
export { type Architecture, type Tower, tower } from "./tower.ts";
export { unitRows } from "./unit-rows.ts";
