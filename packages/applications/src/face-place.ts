import { stableCrop, uprightCrop } from "@prosopon/conditioning";
import { scene, sceneLandmarks } from "@prosopon/corpus";
import type { Point, Transform } from "@prosopon/media";

export interface FacePlaceOptions {
  /** Side of the model's square in pixels. */
  readonly side: number;
  readonly domain: "rendered portraits" | "photographs";
}

/** Where the corpus' own faces lie, by the rule that is used for others; in parts of the side. */
const corpusPlace = () => stableCrop(sceneLandmarks(scene({ identity: 0 })));

/**
 * From places of a picture to places of the model's square (`uprightCrop`), so that a mouth that opens does not move it. 68 landmarks in pixels.
 * @throws `bad-input` unless they are 68 finite points.
 */
export const facePlace = (landmarks: readonly Point[], { side, domain }: FacePlaceOptions): Transform =>
  // `stableCrop` puts a photograph's face where models of photographs have it; the corpus has its own place.
  uprightCrop(landmarks, { side, ...(domain === "photographs" ? {} : { place: corpusPlace() }) });
