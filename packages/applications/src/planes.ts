import { tensor } from "@prosopon/graph";
import { fromPlanar, type Image, toPlanar } from "@prosopon/media";
import type { Planes } from "@prosopon/reenactment";

/** An RGB picture as [1, 3, H, W] in [-1, 1]. */
export const planesOf = (image: Image): Planes => tensor("float32", [1, 3, image.height, image.width], toPlanar(image));

/** [1, 3, H, W] as an RGB picture, clamped. */
export const imageOf = ({ shape, data }: Planes): Image => fromPlanar(data, shape[3]!, shape[2]!);
