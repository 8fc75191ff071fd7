import { join } from "node:path";
import { type FaceLandmarks, maskLowerFace } from "@prosopon/conditioning";
import { mouthOpening, type Split } from "@prosopon/corpus";
import { ProsoponError } from "@prosopon/errors";
import { type Tensor, tensor } from "@prosopon/graph";
import type { ClipOrder, ClipSample } from "./clip-worker.ts";
import { keptTensors } from "./kept-tensors.ts";
import { createLatentEncoder } from "./latent-encoder.ts";
import type { FirstStage } from "./open-first-stage.ts";
import { workThrough } from "./work-through.ts";

export interface ClipCacheOptions {
  /** Folder for the file; made if it is not there. */
  readonly folder: string;
  readonly seed: number;
  readonly split: Split;
  /** How many clips; every second one also holds masked frames. */
  readonly count: number;
  /** Frames of each clip. */
  readonly frames: number;
  readonly framesPerSecond: number;
  /** Rows of features beyond both ends of a clip: the widest window that can be heard. */
  readonly margin: number;
  readonly firstStage: FirstStage;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Speaking clips as latents (unscaled) and everything that the talking face is told about them. N clips of T frames. */
export interface ClipCache {
  readonly count: number;
  readonly frames: number;
  readonly lead: number;
  /** [N·T, C, h, w]. */
  readonly latents: Tensor<"float32">;
  /** The portrait at rest, neutral and in some emotion: [2N, C, h, w]. */
  readonly stills: Tensor<"float32">;
  /** Masked frames of every second clip: [⌈N/2⌉·T, C, h, w]. */
  readonly masked: Tensor<"float32">;
  /** [N, rows, F]: those of a clip's T frames from row `lead` on, and some before and after. */
  readonly features: Tensor<"float32">;
  /** [N·T, controls]. */
  readonly controls: Tensor<"float32">;
  /** Centre of the mouth, [N·T, 2] in 0..1. */
  readonly mouths: Tensor<"float32">;
  /** How far the lips are apart, [N·T], in units of the distance between the eyes. */
  readonly openings: Tensor<"float32">;
  /** [N]. */
  readonly emotions: Tensor<"float32">;
}

const side = 128;
const names = ["latents", "stills", "masked", "features", "controls", "mouths", "openings", "emotions"] as const;
type Clips = Pick<ClipCache, (typeof names)[number]>;

/**
 * Opens the clips of a data set; renders and encodes them first if the folder does not hold them yet.
 * @throws `cancelled`; `unavailable` without the program flite.
 */
export async function clipCache(options: ClipCacheOptions): Promise<ClipCache> {
  const { folder, seed, split, count, frames, framesPerSecond, margin, firstStage } = options;
  const name = `spoken-${split}-${seed}-${count}-${frames}-${framesPerSecond}-${margin}-${firstStage.hash.slice(0, 8)}`;
  const file = join(folder, `${name}.safetensors`);
  return { count, frames, lead: margin, ...(await keptTensors(file, names, () => makeClips(options))) };
}

async function makeClips(options: ClipCacheOptions): Promise<Clips> {
  const { count, frames, margin, firstStage, signal, onProgress } = options;
  const { config, weights } = firstStage;
  await using encoder = await createLatentEncoder({ config, weights, side });
  const { shape: latent, size } = encoder;

  async function encodeAll(pictures: readonly Float32Array[], into: Float32Array, place: number): Promise<void> {
    const planes = new Float32Array(pictures.length * 3 * side * side);
    for (const [i, one] of pictures.entries()) planes.set(one, i * one.length);
    into.set(await encoder.encode(planes), place * size);
  }

  let result: Clips | undefined;
  const allocate = ({ features, controls }: ClipSample): Clips => ({
    latents: tensor("float32", [count * frames, ...latent]),
    stills: tensor("float32", [2 * count, ...latent]),
    masked: tensor("float32", [Math.ceil(count / 2) * frames, ...latent]),
    features: tensor("float32", [count, frames + 2 * margin, features.length / (frames + 2 * margin)]),
    controls: tensor("float32", [count * frames, controls.length / frames]),
    mouths: tensor("float32", [count * frames, 2]),
    openings: tensor("float32", [count * frames]),
    emotions: tensor("float32", [count]),
  });

  async function encoded(sample: ClipSample): Promise<void> {
    result ??= allocate(sample);
    const { index, pixels, features, controls, landmarks, emotion } = sample;
    const pictures = Array.from({ length: 2 + frames }, (_, i) => planesOf(pixels, i));
    await encodeAll(pictures.slice(0, 2), result.stills.data, 2 * index);
    await encodeAll(pictures.slice(2), result.latents.data, index * frames);
    const points = Array.from({ length: frames }, (_, k) => pointsOf(landmarks, k));
    if (index % 2 === 0) {
      const masked = pictures
        .slice(2)
        .map((data, k) => maskLowerFace({ shape: [3, side, side], data }, points[k]!, { rule: "fixed" }).data);
      await encodeAll(masked, result.masked.data, (index / 2) * frames);
    }
    result.features.data.set(features, index * features.length);
    result.controls.data.set(controls, index * controls.length);
    for (const [k, face] of points.entries()) {
      result.openings.data[index * frames + k] = mouthOpening(face);
      const mouth = face.slice(48);
      for (const axis of [0, 1] as const)
        result.mouths.data[2 * (index * frames + k) + axis] = mouth.reduce((sum, p) => sum + p[axis], 0) / mouth.length;
    }
    result.emotions.data[index] = emotion;
  }

  const { seed, split, framesPerSecond } = options;
  let done = 0;
  // Encoding takes turns; rendering goes on meanwhile.
  let turn: Promise<void> = Promise.resolve();
  await workThrough<ClipOrder, ClipSample>({
    entry: new URL("../../dist/node/clip-worker.js", import.meta.url),
    threads: 2,
    orders: Array.from({ length: count }, (_, index) => ({
      seed,
      split,
      index,
      frames,
      framesPerSecond,
      margin,
    })),
    async take(sample) {
      turn = turn.then(() => encoded(sample));
      await turn;
      onProgress?.(++done, count);
    },
    what: "Making clips",
    signal,
  });
  if (!result) throw new ProsoponError("bad-input", "A data set needs at least one clip.", { values: { count } });
  return result;
}

/** RGB bytes -> planes [3, side, side] in [-1, 1]. */
function planesOf(pixels: Uint8Array, index: number): Float32Array {
  const area = side * side;
  const planes = new Float32Array(3 * area);
  const base = index * 3 * area;
  for (let i = 0; i < area; i++)
    for (let c = 0; c < 3; c++) planes[c * area + i] = pixels[base + 3 * i + c]! / 127.5 - 1;
  return planes;
}

const pointsOf = (landmarks: Float32Array, frame: number): FaceLandmarks =>
  Array.from({ length: 68 }, (_, i) => {
    const at = frame * 136 + 2 * i;
    return [landmarks[at]!, landmarks[at + 1]!] as const;
  });
