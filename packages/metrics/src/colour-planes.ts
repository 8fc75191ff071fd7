import type { Image } from "@prosopon/media";

/** What is compared: every channel by itself, the BT.601 luma (unrounded) or the mean of the channels. Of grey images all are the same. */
export type ColourPlanes = "channels" | "luma" | "mean";

/** One channel of numbers, row-major. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float64Array;
}

const weights = { luma: [0.299, 0.587, 0.114], mean: [1 / 3, 1 / 3, 1 / 3] } as const;

export function planesOf({ width, height, channels, data }: Image, colour: ColourPlanes): readonly Plane[] {
  const count = width * height;
  if (channels === 1 || colour === "channels")
    return Array.from({ length: channels }, (_, c) => {
      const plane = new Float64Array(count);
      for (let i = 0, at = c; i < count; i++, at += channels) plane[i] = data[at]!;
      return { width, height, data: plane };
    });
  const [r, g, b] = weights[colour];
  const plane = new Float64Array(count);
  for (let i = 0, at = 0; i < count; i++, at += channels)
    plane[i] = r * data[at]! + g * data[at + 1]! + b * data[at + 2]!;
  return [{ width, height, data: plane }];
}
