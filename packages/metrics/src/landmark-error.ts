import { ProsoponError } from "@prosopon/errors";
import { fivePoints, type Point } from "@prosopon/media";
import type { Metric } from "./metric.ts";
import { type Summary, summary } from "./summary.ts";

export interface LandmarkErrorOptions {
  /** Which of the 68 landmarks count; default all. 48..67 is the mouth. */
  readonly points?: readonly number[];
  /**
   * What an error of 1 means: the distance of the outer eye corners, 36 and 45 (default, as 300-W reports), or of the eyes' centres. Of the
   * expected landmarks.
   */
  readonly unit?: "outer-corners" | "eye-centres";
}

export interface LandmarkSample {
  /** 68 landmarks in pixels, iBUG 300-W order. */
  readonly expected: readonly Point[];
  /** 68 landmarks in pixels, or undefined when no face was found. */
  readonly found: readonly Point[] | undefined;
}

export interface LandmarkErrors extends Summary {
  /** Faces that were not found: not among the errors. */
  readonly missed: number;
}

const distance = ([ax, ay]: Point, [bx, by]: Point) => Math.hypot(ax - bx, ay - by);

/** Mean distance between landmarks and where they should be, in interocular distances (Sagonas et al. 2013), the mean over faces. */
export function landmarkError({
  points = Array.from({ length: 68 }, (_, i) => i),
  unit = "outer-corners",
}: LandmarkErrorOptions = {}): Metric<LandmarkSample, LandmarkErrors> {
  if (points.length === 0 || !points.every((i) => Number.isInteger(i) && i >= 0 && i < 68))
    throw new ProsoponError("bad-input", `The landmarks [${points}] are not among 0..67.`, { values: { points } });

  function scale(expected: readonly Point[]): number {
    const [left, right] = fivePoints(expected);
    const length =
      unit === "outer-corners" ? distance(expected[36]!, expected[45]!) : distance(left as Point, right as Point);
    if (length > 0) return length;
    throw new ProsoponError("bad-input", "The expected eyes lie at one place, so no error can be measured by them.");
  }

  return {
    specification: "metric/v1",
    name: "landmark-error",
    protocol: `Mean distance of ${points.length} landmarks over the distance of the ${unit === "outer-corners" ? "outer eye corners" : "eyes' centres"}, mean over the faces that were found.`,
    start() {
      const errors: number[] = [];
      let missed = 0;
      return {
        add({ expected, found }) {
          const length = scale(expected);
          if (found === undefined) missed++;
          else {
            // Refuses another number of landmarks.
            fivePoints(found);
            const total = points.reduce((sum, i) => sum + distance(expected[i]!, found[i]!), 0);
            errors.push(total / points.length / length);
          }
        },
        result: () => ({ ...summary("landmark-error", errors), missed }),
      };
    },
  };
}
