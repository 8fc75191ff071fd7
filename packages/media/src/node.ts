export { type EncodedMime, type EncodeImageOptions, encodeImage } from "./encode-image.ts";
export { labelledSheet } from "./labelled-sheet.ts";
export { type RasterizeOptions, rasterize } from "./rasterize.ts";
export { type ReadImage, type ReadImageOptions, readImage } from "./read-image.ts";
export { writeFileAtomic } from "./write-file-atomic.ts";
export { writeImage } from "./write-image.ts";
