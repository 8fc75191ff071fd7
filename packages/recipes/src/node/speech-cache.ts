import { join } from "node:path";
import type { Split } from "@prosopon/corpus";
import { type Tensor, tensor } from "@prosopon/graph";
import { heardMovements } from "../speech-step.ts";
import { keptTensors } from "./kept-tensors.ts";
import type { SpeechOrder, SpeechSample } from "./speech-worker.ts";
import { workThrough } from "./work-through.ts";

export interface SpeechCacheOptions {
  /** Folder for the file; made if it is not there. */
  readonly folder: string;
  readonly seed: number;
  readonly split: Split;
  /** How many clips, of how many frames each. */
  readonly count: number;
  readonly frames: number;
  readonly framesPerSecond: number;
  /** Rows of features beyond both ends of a clip. */
  readonly margin: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Speech and how a mouth moves with it: N clips of T frames. */
export interface SpeechCache {
  readonly count: number;
  readonly frames: number;
  /** [N, margin + T + margin, F]. */
  readonly features: Tensor<"float32">;
  /** [N·T, 8], see `heardMovements`. */
  readonly movements: Tensor<"float32">;
  /** [N·T]. */
  readonly visemes: Tensor<"float32">;
}

const names = ["features", "movements", "visemes"] as const;

/** Opens the speech of a data set; speaks it first if the folder does not hold it yet. @throws `cancelled`; `unavailable` without flite. */
export async function speechCache(options: SpeechCacheOptions): Promise<SpeechCache> {
  const { folder, seed, split, count, frames, framesPerSecond, margin } = options;
  const file = join(folder, `speech-${split}-${seed}-${count}-${frames}-${framesPerSecond}-${margin}.safetensors`);
  return { count, frames, ...(await keptTensors(file, names, () => speakAll(options))) };
}

async function speakAll(options: SpeechCacheOptions): Promise<Pick<SpeechCache, (typeof names)[number]>> {
  const { seed, split, count, frames, framesPerSecond, margin, signal, onProgress } = options;
  const rows = frames + 2 * margin;
  const movements = tensor("float32", [count * frames, heardMovements.length]);
  const visemes = tensor("float32", [count * frames]);
  let features = tensor("float32", [0]);
  let done = 0;
  await workThrough<SpeechOrder, SpeechSample>({
    entry: new URL("../../dist/node/speech-worker.js", import.meta.url),
    threads: 2,
    orders: Array.from({ length: count }, (_, index) => ({ seed, split, index, frames, framesPerSecond, margin })),
    async take(sample) {
      if (features.data.length === 0) features = tensor("float32", [count, rows, sample.features.length / rows]);
      features.data.set(sample.features, sample.index * sample.features.length);
      movements.data.set(sample.movements, sample.index * sample.movements.length);
      visemes.data.set(sample.visemes, sample.index * frames);
      onProgress?.(++done, count);
    },
    what: "Speaking",
    signal,
  });
  return { features, movements, visemes };
}
