import { ProsoponError } from "@prosopon/errors";
import { type Image, image } from "./image.ts";

/** Whole pixels, from the top left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A copy of the pixels in `box`. Throws `bad-input` if it is not inside the image; `warp` can look beyond the edge. */
export function crop(source: Image, box: Box): Image {
  const { x, y, width, height } = box;
  const whole = [x, y, width, height].every(Number.isInteger);
  if (!whole || x < 0 || y < 0 || width < 1 || height < 1 || x + width > source.width || y + height > source.height) {
    throw new ProsoponError(
      "bad-input",
      `The box ${width} x ${height} at (${x}, ${y}) does not lie on whole pixels inside ${source.width} x ${source.height}.`,
      { values: { box, width: source.width, height: source.height } },
    );
  }
  const { channels } = source;
  const result = image(width, height, channels);
  for (let row = 0; row < height; row += 1) {
    const start = ((y + row) * source.width + x) * channels;
    result.data.set(source.data.subarray(start, start + width * channels), row * width * channels);
  }
  return result;
}
