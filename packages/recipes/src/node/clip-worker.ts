import { parentPort } from "node:worker_threads";
import { logMel } from "@prosopon/conditioning";
import { emotionIndex, emotions, type Split } from "@prosopon/corpus";
import { render, speakingClip } from "@prosopon/corpus/node";
import { portraitControlNames, portraitControls } from "@prosopon/talking-face";
import { clipFeatures } from "./clip-features.ts";

/** What a worker is asked for: one clip of a data set. */
export interface ClipOrder {
  readonly seed: number;
  readonly split: Split;
  readonly index: number;
  /** Frames that are kept, cut out of a longer clip. */
  readonly frames: number;
  readonly framesPerSecond: number;
  /** Rows of features beyond both ends of the cut. */
  readonly margin: number;
}

/** The picture of the portrait at rest in two emotions, then the frames, with what is true of them. */
export interface ClipSample {
  readonly index: number;
  /** RGB of 2 + frames pictures. */
  readonly pixels: Uint8Array;
  /** [margin + frames + margin, F]. */
  readonly features: Float32Array;
  /** [frames, controls]. */
  readonly controls: Float32Array;
  /** [frames, 68, 2] in 0..1. */
  readonly landmarks: Float32Array;
  readonly emotion: number;
}

const hearing = logMel();
const side = 128;

parentPort?.on("message", async (order: ClipOrder) => {
  const { seed, split, index, frames, framesPerSecond, margin } = order;
  // Clips of different data sets share no seed.
  const clip = await speakingClip({
    seed: seed * 1_000_003 + index,
    split,
    framesPerSecond,
    seconds: (2 * frames) / framesPerSecond,
  });
  const total = clip.scenes.length;
  const start = (index * 7919) % Math.max(1, total - frames + 1);
  const features = await clipFeatures(hearing, clip, { start, frames, margin });
  const resting = [clip.still, { ...clip.still, emotion: emotions[index % emotions.length]! }];
  const scenes = [...resting, ...clip.scenes.slice(start, start + frames)];
  const pixels = new Uint8Array(scenes.length * 3 * side * side);
  const landmarks = new Float32Array(frames * 136);
  for (const [i, scene] of scenes.entries()) {
    const { image, landmarks: points } = render(scene, { size: side });
    pixels.set(image.data, i * 3 * side * side);
    if (i >= resting.length) landmarks.set(points.flat(), (i - resting.length) * 136);
  }
  const strength = clip.emotion === "neutral" ? 0 : clip.intensity;
  const controls = new Float32Array(frames * portraitControlNames.length);
  for (let k = 0; k < frames; k++) {
    const values = portraitControls(clip.controls[start + k]!, strength);
    controls.set(
      portraitControlNames.map((name) => values[name]),
      k * portraitControlNames.length,
    );
  }
  const sample: ClipSample = { index, pixels, features, controls, landmarks, emotion: emotionIndex(clip.emotion) };
  parentPort!.postMessage(sample, [pixels.buffer, features.buffer, controls.buffer, landmarks.buffer]);
});
