import { checkLandmarks, type FaceLandmarks } from "./face-landmarks.ts";

type Place = readonly [x: number, y: number];

/** Places of a face that speech does not move. */
export interface StableFace {
  /** Between the eyes: mean of their corners. */
  readonly eyes: Place;
  /** Below the nose: landmark 33. */
  readonly nose: Place;
  /** Distance between the outer corners of the eyes. */
  readonly span: number;
}

const eyeCorners = [36, 39, 42, 45] as const;

/** @throws `bad-input` unless there are 68 finite points. */
export function stableFace(landmarks: FaceLandmarks): StableFace {
  checkLandmarks(landmarks);
  const mean = (axis: 0 | 1) => eyeCorners.reduce((sum, i) => sum + landmarks[i]![axis], 0) / eyeCorners.length;
  const [right, left] = [landmarks[36]!, landmarks[45]!];
  return {
    eyes: [mean(0), mean(1)],
    nose: landmarks[33]!,
    span: Math.hypot(left[0] - right[0], left[1] - right[1]),
  };
}

/** A square of the picture, in the unit of the landmarks; it may reach past the picture's edges. */
export interface SquareCrop {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/**
 * The crop of a face from eyes and nose alone, so that neither its place nor its size tells how far the mouth is open. (The reference's crop is
 * the extent of all landmarks of the first frame, which a frame with an open mouth makes larger.) Take it once for a clip. Landmarks in
 * any unit with square pixels, such as pixels; the result is in the same.
 */
export function stableCrop(landmarks: FaceLandmarks): SquareCrop {
  const { eyes, nose, span } = stableFace(landmarks);
  // A turned head shortens one of the two distances and not the other. The factors put a frontal face as `CANONICAL_FACE` of media does.
  const side = Math.max(2.75 * span, 5.6 * Math.hypot(nose[0] - eyes[0], nose[1] - eyes[1]));
  return { left: (eyes[0] + nose[0]) / 2 - side / 2, top: eyes[1] - 0.52 * side, side };
}
