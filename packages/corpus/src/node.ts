export { png } from "./png.ts";
export { type Raster, type RasterizeOptions, rasterize } from "./rasterize.ts";
export { type Rendered, type RenderOptions, render } from "./render.ts";
