import { ProsoponError } from "@prosopon/errors";

/**
 * 68 places of a face in iBUG 300-W order as fractions of the picture's width and height, (0, 0) the top left corner: 0-16 jaw, 17-26 brows,
 * 27-35 nose, 36-47 eyes, 48-67 mouth.
 */
export type FaceLandmarks = readonly (readonly [x: number, y: number])[];

/** @throws `bad-input` unless there are 68 finite points. */
export function checkLandmarks(points: FaceLandmarks): void {
  if (points.length !== 68)
    throw new ProsoponError("bad-input", `A face has 68 landmarks, not ${points.length}.`, {
      values: { length: points.length },
    });
  const wrong = points.findIndex(([x, y]) => !(Number.isFinite(x) && Number.isFinite(y)));
  if (wrong >= 0)
    throw new ProsoponError("bad-input", `Landmark ${wrong} lies at ${points[wrong]!.join(", ")}.`, {
      values: { index: wrong, point: points[wrong] },
      mend: "Its coordinates must be finite fractions of the picture's sides.",
    });
}
