export { type AlignedFace, type AlignOptions, alignFace, CANONICAL_FACE, fivePoints } from "./align-face.ts";
export { type MediaFormat, mediaFormat } from "./audio/media-format.ts";
export { mono } from "./audio/mono.ts";
export { type ReadWavOptions, readWav } from "./audio/read-wav.ts";
export { createResampler, type Resampler, resample } from "./audio/resample.ts";
export { SAMPLE_RATES, type Sound, sound, soundSeconds } from "./audio/sound.ts";
export { createWavReader, type WavFormat, type WavReader } from "./audio/wav-reader.ts";
export { type WavEncoding, type WriteWavOptions, writeWav } from "./audio/write-wav.ts";
export { type Box, crop } from "./crop.ts";
export { type Channels, type Image, image } from "./image.ts";
export { type ImageMime, imageMime } from "./image-mime.ts";
export { type DetailOptions, keepDetail } from "./keep-detail.ts";
export { pasteBack } from "./paste-back.ts";
export { fromPlanar, toPlanar } from "./planar.ts";
export { referenceClipBox, referenceClipSize } from "./reference-clip-box.ts";
export {
  keptCrop,
  type ReferenceCrop,
  type ReferenceFace,
  type ReferenceFaceOptions,
  referenceFace,
  referenceLevelling,
} from "./reference-face.ts";
export { type ResizeOptions, resize } from "./resize.ts";
export { resizeGaussian } from "./resize-gaussian.ts";
export { type SheetOptions, sheet, sheetLabels } from "./sheet.ts";
export { similarity } from "./similarity.ts";
export { type Mask, softMask } from "./soft-mask.ts";
export { splineWarp } from "./spline-warp.ts";
export { toRgb } from "./to-rgb.ts";
export {
  applyTransform,
  composeTransforms,
  invertTransform,
  type Point,
  scaling,
  type Transform,
} from "./transform.ts";
export { type FrameRate, frameRate, frameTime, parseFrameRate } from "./video/frame-rate.ts";
export { type WarpOptions, warp } from "./warp.ts";
