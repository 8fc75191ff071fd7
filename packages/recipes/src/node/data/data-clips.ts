import { join } from "node:path";
import { type FaceLandmarks, maskLowerFace } from "@prosopon/conditioning";
import { mouthOpening } from "@prosopon/corpus";
import { ProsoponError } from "@prosopon/errors";
import { type Tensor, tensor } from "@prosopon/graph";
import { portraitControlNames } from "@prosopon/talking-face";
import { openWeights } from "@prosopon/weights/node";
import type { ClipCache } from "../clip-cache.ts";
import { keptTensors } from "../kept-tensors.ts";
import { createLatentEncoder, type LatentEncoder } from "../latent-encoder.ts";
import type { FirstStage } from "../open-first-stage.ts";
import type { DataLatentsOptions } from "./data-latents.ts";
import type { PreparedItem } from "./item-journal.ts";
import { dataPlanes, type PreparedFolder } from "./open-data.ts";
import { frameFile } from "./prepare-clips.ts";
import { stopIfCancelled } from "./stop-if-cancelled.ts";

export interface DataClipsOptions extends DataLatentsOptions {
  /** Rows of features before and after a frame. */
  readonly before: number;
  readonly after: number;
  /** Longest cut of a clip; default 50. */
  readonly frames?: number;
}

const pointsOf = (landmarks: Float32Array, frame: number): FaceLandmarks | undefined => {
  const points = Array.from({ length: 68 }, (_, i) => {
    const at = frame * 136 + 2 * i;
    return [landmarks[at]!, landmarks[at + 1]!] as const;
  });
  return Number.isNaN(points[0]![0]) ? undefined : points;
};

/** Frames of one clip and the same with the lower face hidden, as latents; kept in the prepared folder. */
async function latentsOf(
  data: PreparedFolder,
  { key, file, frames = 0 }: PreparedItem,
  encoder: LatentEncoder,
  landmarks: Float32Array,
  { hash }: FirstStage,
): Promise<Readonly<Record<"latents" | "masked", Tensor<"float32">>>> {
  const kept = join(data.folder, "latents", hash, `${key}.safetensors`);
  return keptTensors(kept, ["latents", "masked"], async () => {
    const { size } = data.manifest;
    const planes = await dataPlanes(
      data,
      Array.from({ length: frames }, (_, index) => `${file}/${frameFile(index)}`),
    );
    const stride = 3 * size * size;
    const hidden = new Float32Array(planes.length);
    for (let k = 0; k < frames; k++) {
      const picture = { shape: [3, size, size], data: planes.subarray(k * stride, (k + 1) * stride) };
      hidden.set(maskLowerFace(picture, pointsOf(landmarks, k), { rule: "fixed" }).data, k * stride);
    }
    const shape = [frames, ...encoder.shape];
    return {
      latents: tensor("float32", shape, await encoder.encode(planes)),
      masked: tensor("float32", shape, await encoder.encode(hidden)),
    };
  });
}

async function landmarksOf({ folder }: PreparedFolder, { key }: PreparedItem): Promise<Float32Array> {
  await using held = await openWeights(join(folder, "clips", `${key}.safetensors`));
  return (await held.read("landmarks")).data as Float32Array;
}

/** Encodes what no earlier call encoded. @throws `cancelled`, after which the same call goes on; `output`. */
export async function encodeClips(
  data: PreparedFolder,
  { firstStage, onProgress, signal }: DataLatentsOptions,
): Promise<void> {
  await using encoder = await createLatentEncoder({ ...firstStage, side: data.manifest.size });
  for (const [index, item] of data.items.entries()) {
    stopIfCancelled(signal, "Encoding clips");
    await latentsOf(data, item, encoder, await landmarksOf(data, item), firstStage);
    onProgress?.(index + 1, data.items.length);
  }
}

/**
 * Clips of a prepared folder in the form in which the talking face learns: cut into pieces of one length, the first frame standing for the face at
 * rest. There are no controls, they are zero. What was encoded once is kept. @throws `bad-input` for no clip, `cancelled`, `output`.
 */
export async function dataClips(
  data: PreparedFolder,
  { firstStage, before, after, frames: longest = 50, onProgress, signal }: DataClipsOptions,
): Promise<ClipCache> {
  const { folder, manifest, items } = data;
  const length = Math.min(longest, ...items.map((one) => one.frames ?? 0));
  if (!manifest.features || !(length > 0))
    throw new ProsoponError("bad-file", `${folder} does not say how long its clips are, or what is heard.`, {
      values: { folder },
    });
  await using encoder = await createLatentEncoder({ ...firstStage, side: manifest.size });
  const { shape, size } = encoder;
  const count = items.reduce((sum, one) => sum + Math.floor(one.frames! / length), 0);
  const rows = before + length + after;
  const moves = portraitControlNames.length;
  const result: ClipCache = {
    count,
    frames: length,
    lead: before,
    latents: tensor("float32", [count * length, ...shape]),
    stills: tensor("float32", [2 * count, ...shape]),
    masked: tensor("float32", [Math.ceil(count / 2) * length, ...shape]),
    features: tensor("float32", [count, rows, manifest.features.size]),
    controls: tensor("float32", [count * length, moves]),
    mouths: tensor("float32", [count * length, 2]),
    openings: tensor("float32", [count * length]),
    emotions: tensor("float32", [count]),
  };
  let cut = 0;
  for (const [index, item] of items.entries()) {
    stopIfCancelled(signal, "Encoding clips");
    await using held = await openWeights(join(folder, "clips", `${item.key}.safetensors`));
    const landmarks = (await held.read("landmarks")).data as Float32Array;
    const features = (await held.read("features")).data as Float32Array;
    const { latents, masked } = await latentsOf(data, item, encoder, landmarks, firstStage);
    const total = item.frames!;
    const width = manifest.features.size;
    for (let start = 0; start + length <= total; start += length, cut++) {
      result.latents.data.set(latents.data.subarray(start * size, (start + length) * size), cut * length * size);
      for (const still of [0, 1]) result.stills.data.set(latents.data.subarray(0, size), (2 * cut + still) * size);
      if (cut % 2 === 0)
        result.masked.data.set(masked.data.subarray(start * size, (start + length) * size), (cut / 2) * length * size);
      for (let i = 0; i < rows; i++) {
        const row = Math.min(Math.max(start - before + i, 0), total - 1);
        result.features.data.set(features.subarray(row * width, (row + 1) * width), (cut * rows + i) * width);
      }
      for (let k = 0; k < length; k++) {
        const face = pointsOf(landmarks, start + k);
        const mouth = face?.slice(48);
        const at = cut * length + k;
        // Where no face was found the mouth stays as it was.
        result.openings.data[at] = face ? mouthOpening(face) : (result.openings.data[at - 1] ?? 0);
        for (const axis of [0, 1] as const)
          result.mouths.data[2 * at + axis] = mouth
            ? mouth.reduce((sum, point) => sum + point[axis], 0) / mouth.length
            : [0.5, 0.8][axis]!;
      }
      result.emotions.data[cut] = item.emotion;
    }
    onProgress?.(index + 1, items.length);
  }
  return result;
}
