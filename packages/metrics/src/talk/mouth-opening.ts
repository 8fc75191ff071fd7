import { ProsoponError } from "@prosopon/errors";
import { fivePoints, type Point } from "@prosopon/media";

const distance = (a: Point, b: Point) => Math.hypot(a[0] - b[0], a[1] - b[1]);

/**
 * How open a mouth is: the mean gap of the inner lips (landmarks 61-67, 62-66, 63-65) over the distance of the outer eye corners. About 0 closed, 0.3
 * wide open. 68 landmarks in iBUG order. @throws `bad-input` for another number of landmarks or eyes at one place.
 */
export function mouthOpening(landmarks: readonly Point[]): number {
  // Refuses another number of landmarks.
  fivePoints(landmarks);
  const unit = distance(landmarks[36]!, landmarks[45]!);
  if (!(unit > 0))
    throw new ProsoponError("bad-input", "The eyes lie at one place, so the mouth's opening has no unit.");
  const gaps = [
    [61, 67],
    [62, 66],
    [63, 65],
  ] as const;
  return gaps.reduce((sum, [up, low]) => sum + distance(landmarks[up]!, landmarks[low]!), 0) / 3 / unit;
}
