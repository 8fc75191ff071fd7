import { type Portrait, portrait } from "./portrait.ts";
import { type Raster, rasterize } from "./rasterize.ts";
import type { Scene } from "./scene.ts";

export interface RenderOptions {
  /** Width and height in pixels; 128 if not given. */
  readonly size?: number;
}

export interface Rendered extends Portrait {
  /** RGB, `size` x `size`. */
  readonly image: Raster;
}

/** Draws a scene and rasterises it: RGB bytes with the labels. */
export function render(scene: Scene, { size = 128 }: RenderOptions = {}): Rendered {
  const drawn = portrait(scene);
  return { ...drawn, image: rasterize(drawn.svg, { width: size, channels: 3 }) };
}
