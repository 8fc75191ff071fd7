export {
  createExpertDistance,
  createLpips,
  type ExpertDistanceOptions,
  type LpipsOptions,
  type PairJudge,
} from "./create-lpips.ts";
export { type EfficientNetOptions, type EfficientNetSize, efficientNet } from "./efficient-net.ts";
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
export { type InceptionFeatures, inceptionV3 } from "./inception-v3.ts";
export { type IResNetOptions, iresnet } from "./iresnet.ts";
export { landmarkNet } from "./landmark-net.ts";
export { lpipsDistance, stageDistance } from "./lpips-distance.ts";
export { type LpipsParametersOptions, lpipsParameters, type TensorNames } from "./lpips-parameters.ts";
export { type LpipsTrunk, lpipsTrunk } from "./lpips-trunk.ts";
export { type PortraitLandmarksOptions, portraitLandmarks } from "./portrait-landmarks.ts";
export { createExpertRunner, type ExpertRunner, type ExpertRunnerOptions } from "./run-expert.ts";
export { tinyFaceDetector } from "./tiny-face-detector.ts";
export { type Architecture, architectures, type Tower, tower } from "./tower.ts";
export { unitRows } from "./unit-rows.ts";
