import { type Colour, css } from "./colour.ts";
import type { Point } from "./head-pose.ts";

/** One colour stop: offset 0..1, colour, opacity. */
export type Stop = readonly [offset: number, colour: Colour, opacity?: number];

/** A growing SVG picture: shapes in order of painting, gradients by name. Names carry `prefix`, so that pictures can be nested. */
export interface Drawing {
  /** Paints a path; `fill` and `stroke` are SVG paints. */
  path(d: string, options: PathOptions): void;
  ellipse(centre: Point, rx: number, ry: number, fill: string, opacity?: number, rotation?: number): void;
  /** Circle that fades from `colour` at `opacity` to nothing: a soft light or shadow without a filter. */
  glow(centre: Point, rx: number, ry: number, colour: Colour, opacity: number, rotation?: number): void;
  /** Registers a gradient in view-box units and returns its paint. */
  linear(from: Point, to: Point, stops: readonly Stop[]): string;
  radial(centre: Point, radius: number, stops: readonly Stop[]): string;
  finish(): string;
}

export interface PathOptions {
  readonly fill?: string;
  readonly stroke?: string;
  readonly width?: number;
  readonly opacity?: number;
}

/** Hundredths are 1/12800 of the frame: below a tenth of a pixel even at 1024. */
const n = (value: number): string => String(Math.round(value * 100) / 100);

/** Path through all points by Catmull-Rom splines, so that every given point lies on the drawn contour. */
export function smooth(points: readonly Point[], closed = false): string {
  const count = points.length;
  const at = (index: number): Point =>
    (closed ? points[(index + count) % count] : points[Math.max(0, Math.min(count - 1, index))]) as Point;
  const start = at(0);
  let d = `M${n(start[0])} ${n(start[1])}`;
  for (let index = 0; index < (closed ? count : count - 1); index += 1) {
    const [a, b, c, e] = [at(index - 1), at(index), at(index + 1), at(index + 2)];
    d += `C${n(b[0] + (c[0] - a[0]) / 6)} ${n(b[1] + (c[1] - a[1]) / 6)} ${n(c[0] - (e[0] - b[0]) / 6)} ${n(c[1] - (e[1] - b[1]) / 6)} ${n(c[0])} ${n(c[1])}`;
  }
  return closed ? `${d}Z` : d;
}

/** Closed contour of two open splines that share their ends: sharp at the ends, smooth between. */
export function between(upper: readonly Point[], lower: readonly Point[]): string {
  return `${smooth(upper)}${smooth([...lower].reverse()).replace("M", "L")}Z`;
}

/** Closed polygon. */
export function polygon(points: readonly Point[]): string {
  return `M${points.map(([x, y]) => `${n(x)} ${n(y)}`).join("L")}Z`;
}

/** Starts an empty picture whose view box is 128 x 128. */
export function drawing(prefix = ""): Drawing {
  const body: string[] = [];
  const definitions: string[] = [];
  const glows = new Map<string, string>();
  const stopText = (stops: readonly Stop[]): string =>
    stops
      .map(([offset, colour, opacity = 1]) =>
        opacity === 1
          ? `<stop offset="${n(offset)}" stop-color="${css(colour)}"/>`
          : `<stop offset="${n(offset)}" stop-color="${css(colour)}" stop-opacity="${n(opacity)}"/>`,
      )
      .join("");
  const define = (kind: string, attributes: string, stops: readonly Stop[]): string => {
    const id = `${prefix}g${definitions.length}`;
    definitions.push(`<${kind} id="${id}" ${attributes}>${stopText(stops)}</${kind}>`);
    return `url(#${id})`;
  };
  const turned = (centre: Point, rotation: number): string =>
    rotation === 0 ? "" : ` transform="rotate(${n(rotation)} ${n(centre[0])} ${n(centre[1])})"`;
  const ellipse: Drawing["ellipse"] = (centre, rx, ry, fill, opacity = 1, rotation = 0) => {
    body.push(
      `<ellipse cx="${n(centre[0])}" cy="${n(centre[1])}" rx="${n(rx)}" ry="${n(ry)}" fill="${fill}"${opacity === 1 ? "" : ` fill-opacity="${n(opacity)}"`}${turned(centre, rotation)}/>`,
    );
  };
  return {
    path: (d, { fill = "none", stroke, width = 1, opacity = 1 }) => {
      // Not `opacity`, which would make the rasteriser paint into a layer of its own: several times slower.
      const faint = (what: string): string => (opacity === 1 ? "" : ` ${what}-opacity="${n(opacity)}"`);
      const line = stroke
        ? ` stroke="${stroke}" stroke-width="${n(width)}" stroke-linecap="round" stroke-linejoin="round"${faint("stroke")}`
        : "";
      body.push(`<path d="${d}" fill="${fill}"${fill === "none" ? "" : faint("fill")}${line}/>`);
    },
    ellipse,
    glow: (centre, rx, ry, colour, opacity, rotation = 0) => {
      const key = css(colour);
      let paint = glows.get(key);
      if (paint === undefined) {
        // In units of the shape, so that one gradient serves every glow of its colour.
        paint = define("radialGradient", 'cx="0.5" cy="0.5" r="0.5"', [
          [0, colour, 1],
          [0.45, colour, 0.55],
          [1, colour, 0],
        ]);
        glows.set(key, paint);
      }
      ellipse(centre, rx, ry, paint, opacity, rotation);
    },
    linear: (from, to, stops) =>
      define(
        "linearGradient",
        `gradientUnits="userSpaceOnUse" x1="${n(from[0])}" y1="${n(from[1])}" x2="${n(to[0])}" y2="${n(to[1])}"`,
        stops,
      ),
    radial: (centre, radius, stops) =>
      define(
        "radialGradient",
        `gradientUnits="userSpaceOnUse" cx="${n(centre[0])}" cy="${n(centre[1])}" r="${n(radius)}"`,
        stops,
      ),
    finish: () =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="128" height="128" viewBox="0 0 128 128"><defs>${definitions.join("")}</defs>${body.join("")}</svg>`,
  };
}
