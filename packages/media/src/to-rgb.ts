import { type Image, image } from "./image.ts";

/** Three channels: grey is repeated, alpha is flattened on white, RGB comes back as it is. */
export function toRgb(source: Image): Image {
  if (source.channels === 3) return source;
  const result = image(source.width, source.height, 3);
  for (let pixel = 0; pixel < source.width * source.height; pixel += 1) {
    const alpha = source.channels === 4 ? source.data[pixel * 4 + 3]! : 255;
    for (let channel = 0; channel < 3; channel += 1) {
      const value = source.channels === 4 ? source.data[pixel * 4 + channel]! : source.data[pixel]!;
      result.data[pixel * 3 + channel] = Math.round((value * alpha + 255 * (255 - alpha)) / 255);
    }
  }
  return result;
}
