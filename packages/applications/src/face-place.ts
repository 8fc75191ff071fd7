import { stableCrop } from "@prosopon/conditioning";
import { scene, sceneLandmarks } from "@prosopon/corpus";
import type { Point, Transform } from "@prosopon/media";

export interface FacePlaceOptions {
  /** Side of the model's square in pixels. */
  readonly side: number;
  readonly domain: "rendered portraits" | "photographs";
}

/** Where the corpus' own faces lie, by the rule that is used for others; in parts of the side. */
const corpusPlace = () => stableCrop(sceneLandmarks(scene({ identity: 0 })));

const middle = (points: readonly Point[]): Point => [
  points.reduce((sum, [x]) => sum + x, 0) / points.length,
  points.reduce((sum, [, y]) => sum + y, 0) / points.length,
];

/**
 * From places of a picture to places of the model's square: upright by the line between the eyes, place and size from eyes and nose alone
 * (`stableCrop`), so that a mouth that opens does not move it. 68 landmarks in pixels. @throws `bad-input` unless they are 68 finite points.
 */
export function facePlace(landmarks: readonly Point[], { side, domain }: FacePlaceOptions): Transform {
  const [left, right] = [middle(landmarks.slice(36, 42)), middle(landmarks.slice(42, 48))];
  const angle = Math.atan2(right[1] - left[1], right[0] - left[0]);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const crop = stableCrop(landmarks.map(([x, y]): Point => [x * cos + y * sin, y * cos - x * sin]));
  // `stableCrop` puts a photograph's face where models of photographs have it; the corpus has its own place.
  const place = domain === "photographs" ? { left: 0, top: 0, side: 1 } : corpusPlace();
  const scale = (place.side * side) / crop.side;
  return {
    a: scale * cos,
    b: scale * sin,
    c: place.left * side - scale * crop.left,
    d: -scale * sin,
    e: scale * cos,
    f: place.top * side - scale * crop.top,
  };
}
