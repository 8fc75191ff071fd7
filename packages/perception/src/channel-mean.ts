import { constant, tensor, type Value } from "@prosopon/graph";

/** A mean colour as a value that broadcasts over [N, 3, H, W]. */
export const channelMean = (image: Value, mean: readonly number[]): Value =>
  constant(image.graph, tensor("float32", [1, mean.length, 1, 1], mean));
