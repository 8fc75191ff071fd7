import type { Point } from "./head-pose.ts";

/**
 * How far the lips are apart: from the middle of the upper lip's inner edge to that of the lower (iBUG landmarks 62 and 66),
 * in units of the distance between the eye centres (means of 36..41 and 42..47). 0 shut, about 0.4 wide open. Any scale of
 * landmarks will do.
 */
export function mouthOpening(landmarks: readonly Point[]): number {
  const centre = (from: number): Point => {
    const points = landmarks.slice(from, from + 6);
    return [points.reduce((sum, [x]) => sum + x, 0) / 6, points.reduce((sum, [, y]) => sum + y, 0) / 6];
  };
  const [left, right] = [centre(36), centre(42)];
  const [upper, lower] = [landmarks[62]!, landmarks[66]!];
  return Math.hypot(upper[0] - lower[0], upper[1] - lower[1]) / Math.hypot(left[0] - right[0], left[1] - right[1]);
}
