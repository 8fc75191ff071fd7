import { ProsoponError } from "@prosopon/errors";

/** 1 grey, 3 RGB, 4 RGB and alpha (not premultiplied). */
export type Channels = 1 | 3 | 4;

/** Pixels, sRGB, rows from top to bottom, channels interleaved: `data[(y * width + x) * channels + channel]`, 0 to 255. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  readonly data: Uint8Array;
}

/** An image over `data`, which is not copied; black (and transparent) if left out. Throws `bad-input` if the sizes disagree. */
export function image(width: number, height: number, channels: Channels, data?: Uint8Array): Image {
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw new ProsoponError("bad-input", `An image of ${width} x ${height} pixels is impossible.`, {
      values: { width, height },
    });
  }
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw new ProsoponError("bad-input", `An image has 1, 3 or 4 channels, not ${channels}.`, { values: { channels } });
  }
  const length = width * height * channels;
  if (data !== undefined && data.length !== length) {
    throw new ProsoponError(
      "bad-input",
      `${width} x ${height} pixels of ${channels} channels are ${length} bytes, but ${data.length} were given.`,
      { values: { width, height, channels, length: data.length } },
    );
  }
  return { width, height, channels, data: data ?? new Uint8Array(length) };
}
