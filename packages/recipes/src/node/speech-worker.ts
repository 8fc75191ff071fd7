import { parentPort } from "node:worker_threads";
import { logMel } from "@prosopon/conditioning";
import { mouthOpening, type Split, sceneLandmarks, visemes } from "@prosopon/corpus";
import { speakingClip } from "@prosopon/corpus/node";
import { heardMovements } from "../speech-step.ts";
import { clipFeatures } from "./clip-features.ts";

/** What a worker is asked for: the speech of one clip and how the mouth moves with it; nothing is drawn. */
export interface SpeechOrder {
  readonly seed: number;
  readonly split: Split;
  readonly index: number;
  readonly frames: number;
  readonly framesPerSecond: number;
  /** Rows of features beyond both ends. */
  readonly margin: number;
}

export interface SpeechSample {
  readonly index: number;
  /** [margin + frames + margin, F]. */
  readonly features: Float32Array;
  /** [frames, 8], see `heardMovements`. */
  readonly movements: Float32Array;
  /** [frames], places in the list of visemes. */
  readonly visemes: Float32Array;
}

const features = logMel();
/** Brings openings, which reach 0.4, to about one. */
const openingScale = 4;

parentPort?.on("message", async ({ seed, split, index, frames, framesPerSecond, margin }: SpeechOrder) => {
  const clip = await speakingClip({
    seed: seed * 1_000_003 + index,
    split,
    framesPerSecond,
    seconds: frames / framesPerSecond,
  });
  const movements = clip.scenes.flatMap((scene) => {
    const shape = scene.mouth!;
    // Who speaks and in what mood is not heard, so the opening is that of one face.
    const face = { ...scene, identity: 1, emotion: "neutral", pose: { yaw: 0, pitch: 0, roll: 0 } } as const;
    const opening = openingScale * mouthOpening(sceneLandmarks(face));
    return heardMovements.map((name) => (name === "opening" ? opening : shape[name]));
  });
  const sample: SpeechSample = {
    index,
    features: await clipFeatures(features, clip, { start: 0, frames, margin }),
    movements: Float32Array.from(movements),
    visemes: Float32Array.from(clip.visemes, (viseme) => visemes.indexOf(viseme)),
  };
  parentPort!.postMessage(sample, [
    sample.features.buffer,
    sample.movements.buffer,
    sample.visemes.buffer,
  ] as ArrayBuffer[]);
});
