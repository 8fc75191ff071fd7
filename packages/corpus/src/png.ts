import { Resvg } from "@resvg/resvg-js";

/** A PNG file of an SVG, `width` pixels wide (the SVG's own width if not given). */
export function png(svg: string, { width }: { readonly width?: number } = {}): Uint8Array {
  const fitTo = width === undefined ? ({ mode: "original" } as const) : ({ mode: "width", value: width } as const);
  return new Uint8Array(new Resvg(svg, { fitTo, font: { loadSystemFonts: false } }).render().asPng());
}
