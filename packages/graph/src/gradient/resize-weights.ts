import type { Attributes } from "../graph.ts";
import { integer, wrong } from "../infer/inference.ts";
import type { AxisMap } from "./axis-map.ts";

type Coordinate = (i: number, before: number, after: number, scale: number) => number;

const halfPixel: Coordinate = (i, _before, _after, scale) => (i + 0.5) / scale - 0.5;

/** Where element i of the result lies in the source, by ONNX' coordinate_transformation_mode. */
const coordinates: Readonly<Record<string, Coordinate>> = {
  half_pixel: halfPixel,
  half_pixel_symmetric: (i, before, after, scale) =>
    (before / 2) * (1 - after / (scale * before)) + halfPixel(i, before, after, scale),
  pytorch_half_pixel: (i, before, after, scale) => (after > 1 ? halfPixel(i, before, after, scale) : 0),
  align_corners: (i, before, after) => (after > 1 ? (i * (before - 1)) / (after - 1) : 0),
  asymmetric: (i, _before, _after, scale) => i / scale,
};

const roundings: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** The sources and weights of every element along one axis of a Resize, nearest or linear. */
export function resizeWeights(attributes: Attributes, before: number, after: number, scale: number): AxisMap["terms"] {
  const mode = String(attributes["mode"] ?? "nearest");
  const coordinate = coordinates[String(attributes["coordinate_transformation_mode"] ?? "half_pixel")];
  const rounding = roundings[String(attributes["nearest_mode"] ?? "round_prefer_floor")];
  if (!coordinate || !rounding || (mode !== "nearest" && mode !== "linear") || integer(attributes["antialias"], 0))
    throw wrong(
      `the gradient of Resize is known for nearest and linear without antialiasing, not for ${JSON.stringify(attributes)}.`,
    );
  const limit = (i: number) => Math.min(Math.max(i, 0), before - 1);
  return Array.from({ length: after }, (_, i) => {
    const x = coordinate(i, before, after, scale);
    if (mode === "nearest") return [[limit(rounding(x)), 1]];
    const at = Math.min(Math.max(x, 0), before - 1);
    const low = Math.floor(at);
    return [
      [low, 1 - (at - low)],
      [limit(low + 1), at - low],
    ];
  });
}
