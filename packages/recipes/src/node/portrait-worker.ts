import { parentPort } from "node:worker_threads";
import { actionUnits, type Intensity, type Split, sample } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { editedScene } from "./edited-scene.ts";

/** What a worker is asked for: pictures `from`..`to` of a data set. */
export interface PortraitOrder {
  readonly seed: number;
  readonly split: Split;
  readonly size: number;
  readonly identities: number;
  /** Share of pictures that are caught while speaking. */
  readonly speaking: number;
  /** The pictures as an edit should show them (`editedScene`). */
  readonly edited: boolean;
  readonly from: number;
  readonly to: number;
}

export interface PortraitBatch {
  readonly from: number;
  readonly pixels: Uint8Array;
  readonly labels: readonly PortraitLabel[];
}

/** The exact labels of a cached picture; landmarks are 136 numbers x0, y0, ... in 0..1. */
export interface PortraitLabel {
  readonly emotion: number;
  readonly intensity: Intensity;
  readonly identity: number;
  readonly viseme: string;
  readonly landmarks: readonly number[];
  readonly actionUnits: readonly number[];
}

parentPort?.on("message", ({ seed, split, size, identities, speaking, edited, from, to }: PortraitOrder) => {
  const stride = 3 * size * size;
  const pixels = new Uint8Array((to - from) * stride);
  const labels: PortraitLabel[] = [];
  for (let index = from; index < to; index++) {
    const scene = sample({ seed, index, split, identities, speaking });
    const { image, labels: l, landmarks } = render(edited ? editedScene(scene, { seed, index }) : scene, { size });
    pixels.set(image.data, (index - from) * stride);
    labels.push({
      emotion: l.emotionIndex,
      intensity: l.intensity,
      identity: l.identity,
      viseme: l.viseme,
      landmarks: landmarks.flatMap(([x, y]) => [Number(x.toFixed(5)), Number(y.toFixed(5))]),
      actionUnits: actionUnits.map((unit) => Number(l.actionUnits[unit].toFixed(4))),
    });
  }
  const answer: PortraitBatch = { from, pixels, labels };
  parentPort!.postMessage(answer, [pixels.buffer]);
});
