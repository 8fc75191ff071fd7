import { constant, input, relu, reshape, tensor, type Value } from "@prosopon/graph";
import { linear } from "@prosopon/nn";
import { absentToken } from "./absent-token.ts";
import type { ConditionEncoder } from "./condition-encoder.ts";
import { checkLandmarks, type FaceLandmarks } from "./face-landmarks.ts";

const widths = [128, 256, 512, 256, 128] as const;
const places = 48;

export interface LandmarksOptions {
  /**
   * What stands in for landmarks that are not told: "zero" (default; the reference's encoder has no parameter for it) or a trained "token"
   * (parameter `absent`).
   */
  readonly absent?: "zero" | "token";
}

/**
 * The face's outline without its mouth as one attention token [B, 1, 128]: landmarks 0..47, clipped to the picture and scaled to -1..1
 * (x0, y0, x1, ...: 96 numbers), through five linear layers with ReLU between. Parameters as the reference's `LandmarkEncoder`: `net.{0,2,4,6,8}`.
 */
export function landmarks({ absent = "zero" }: LandmarksOptions = {}): ConditionEncoder<FaceLandmarks> {
  return {
    specification: "condition/v1",
    name: "landmarks",
    injection: "tokens",
    encode(place, { batch, name }) {
      const points = input(place.graph, `${name}/points`, "float32", [batch, 2 * places]);
      const last = widths.length - 1;
      const encoded = widths.reduce<Value>((v, outputs, i) => {
        const layer = linear(place.at("net").at(2 * i), v, { outputs });
        return i < last ? relu(layer) : layer;
      }, points);
      const size = widths[last]!;
      return {
        code: reshape(encoded, [batch, 1, size]),
        absent:
          absent === "token"
            ? absentToken(place, batch, size)
            : constant(place.graph, tensor("float32", [batch, 1, size])),
      };
    },
    async feeds(inputs, { name }) {
      const rows = inputs.flatMap((points) => {
        checkLandmarks(points);
        return points.slice(0, places).flat().map(unit);
      });
      return { [`${name}/points`]: tensor("float32", [inputs.length, 2 * places], rows) };
    },
  };
}

/** The reference's clip(v, 0, 128) / 64 - 1 in pixels of a 128-pixel crop. */
const unit = (fraction: number): number => Math.min(Math.max(128 * fraction, 0), 128) / 64 - 1;
