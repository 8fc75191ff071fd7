import { resizeLinear, type Value } from "@prosopon/graph";

/** [N, C, H, W] brought to a side by bilinear resampling; the same value where it has that side already. */
export const fitted = (image: Value, side: number): Value =>
  image.shape[2] === side && image.shape[3] === side ? image : resizeLinear(image, side, side);
