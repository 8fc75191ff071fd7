import { ProsoponError } from "@prosopon/errors";
import { type Channels, type Image, image } from "./image.ts";

/** The values of one image as [1, channels, height, width] (NCHW), v / 127.5 - 1, so from -1 to 1. */
export function toPlanar(source: Image): Float32Array<ArrayBuffer> {
  const { channels, data } = source;
  const size = source.width * source.height;
  const result = new Float32Array(size * channels);
  for (let channel = 0; channel < channels; channel += 1) {
    for (let pixel = 0; pixel < size; pixel += 1) {
      result[channel * size + pixel] = data[pixel * channels + channel]! / 127.5 - 1;
    }
  }
  return result;
}

/**
 * The image of [1, channels, height, width] values: clamped to -1 .. 1, then rounded to the nearest of 256 levels. The number
 * of channels follows from the length. Throws `bad-input` for a length that fits no image and for NaN.
 */
export function fromPlanar(values: Float32Array, width: number, height: number): Image {
  const size = width * height;
  const channels = values.length / size;
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw new ProsoponError("bad-input", `${values.length} values are no image of ${width} x ${height} pixels.`, {
      values: { length: values.length, width, height },
      mend: "Give 1, 3 or 4 planes.",
    });
  }
  const result = image(width, height, channels as Channels);
  for (let channel = 0; channel < channels; channel += 1) {
    for (let pixel = 0; pixel < size; pixel += 1) {
      const value = values[channel * size + pixel]!;
      if (Number.isNaN(value)) {
        throw new ProsoponError("bad-input", `Value ${channel * size + pixel} of the image is NaN.`, {
          values: { index: channel * size + pixel },
          mend: "The network that made it has diverged or overflowed.",
        });
      }
      result.data[pixel * channels + channel] = Math.round((Math.min(1, Math.max(-1, value)) + 1) * 127.5);
    }
  }
  return result;
}
