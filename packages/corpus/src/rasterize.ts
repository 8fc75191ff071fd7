import { Resvg } from "@resvg/resvg-js";

export interface RasterizeOptions {
  /** Width in pixels; the height follows from the SVG's own shape. */
  readonly width: number;
  /** 3: red, green, blue. 4: with opacity. 3 if not given. */
  readonly channels?: 3 | 4;
}

/** Interleaved 8-bit pixels, row by row from the upper left corner. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly data: Uint8Array;
}

/** Pixels of an SVG; synchronous, since one portrait takes only a few milliseconds. */
export function rasterize(svg: string, { width, channels = 3 }: RasterizeOptions): Raster {
  const image = new Resvg(svg, { fitTo: { mode: "width", value: width }, font: { loadSystemFonts: false } }).render();
  const rgba = image.pixels;
  const count = image.width * image.height;
  if (channels === 4) return { width: image.width, height: image.height, channels, data: new Uint8Array(rgba) };
  const data = new Uint8Array(count * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data[to] = rgba[from]!;
    data[to + 1] = rgba[from + 1]!;
    data[to + 2] = rgba[from + 2]!;
  }
  return { width: image.width, height: image.height, channels, data };
}
