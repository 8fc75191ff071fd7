import { mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Split } from "@prosopon/corpus";
import type { PortraitBatch, PortraitLabel, PortraitOrder } from "./portrait-worker.ts";
import { workThrough } from "./work-through.ts";

export interface PortraitCacheOptions {
  /** Folder for the two files; made if it is not there. */
  readonly folder: string;
  readonly seed: number;
  readonly split: Split;
  readonly count: number;
  /** Side in pixels; default 128. */
  readonly size?: number;
  /** People are drawn from this many; default 20000. */
  readonly identities?: number;
  /** Share of pictures that are caught while speaking; default 0.2. */
  readonly speaking?: number;
  /** The pictures as an edit should show them (`editedScene`), instead of themselves; default false. */
  readonly edited?: boolean;
  /** Threads that render; default 2. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Pictures of one size, read at random. */
export interface Pictures {
  readonly count: number;
  readonly size: number;
  /** Pictures as planes [N, 3, size, size] in [-1, 1]. */
  planes(indices: ArrayLike<number>): Promise<Float32Array>;
}

/** Rendered pictures in one file. */
export interface PortraitCache extends Pictures, AsyncDisposable {
  readonly labels: readonly PortraitLabel[];
}

const chunk = 128;

async function renderAll(
  options: PortraitCacheOptions & { size: number; identities: number; speaking: number; edited: boolean },
  file: string,
): Promise<PortraitLabel[]> {
  const { seed, split, count, size, identities, speaking, edited, threads = 2, signal, onProgress } = options;
  const labels: PortraitLabel[] = new Array(count);
  const starts = Array.from({ length: Math.ceil(count / chunk) }, (_, i) => i * chunk);
  let done = 0;
  const out = await open(file, "w");
  try {
    await workThrough<PortraitOrder, PortraitBatch>({
      entry: new URL("../../dist/node/portrait-worker.js", import.meta.url),
      threads,
      orders: starts.map((from) => ({
        seed,
        split,
        size,
        identities,
        speaking,
        edited,
        from,
        to: Math.min(count, from + chunk),
      })),
      async take({ from, pixels, labels: some }) {
        some.forEach((label, i) => {
          labels[from + i] = label;
        });
        await out.write(pixels, 0, pixels.length, from * 3 * size * size);
        done += some.length;
        onProgress?.(done, count);
      },
      what: "Rendering",
      signal,
    });
    await out.sync();
  } finally {
    await out.close();
  }
  return labels;
}

/** Opens the pictures of a data set, rendering them first if the folder does not hold them yet. @throws `cancelled`. */
export async function portraitCache(options: PortraitCacheOptions): Promise<PortraitCache> {
  const { folder, seed, split, count, size = 128, identities = 20_000, speaking = 0.2, edited = false } = options;
  const kind = edited ? "edited-portraits" : "portraits";
  const name = `${kind}-${split}-${seed}-${count}-${size}-${identities}${speaking === 0.2 ? "" : `-${speaking}`}`;
  const pixels = join(folder, `${name}.rgb`);
  const index = join(folder, `${name}.json`);
  await mkdir(folder, { recursive: true });
  let labels: PortraitLabel[] | undefined = await readFile(index, "utf8").then(JSON.parse, () => undefined);
  if (!labels) {
    const partial = `${pixels}.partial`;
    try {
      labels = await renderAll({ ...options, size, identities, speaking, edited }, partial);
      await rename(partial, pixels);
      // The index comes last: where it is, the pictures are whole.
      await writeFile(`${index}.partial`, JSON.stringify(labels));
      await rename(`${index}.partial`, index);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  }
  const file = await open(pixels);
  const stride = 3 * size * size;
  return {
    count,
    size,
    labels,
    async planes(indices) {
      const planes = new Float32Array(indices.length * stride);
      const bytes = new Uint8Array(stride);
      const area = size * size;
      for (let n = 0; n < indices.length; n++) {
        await file.read(bytes, 0, stride, indices[n]! * stride);
        const base = n * stride;
        for (let i = 0; i < area; i++)
          for (let c = 0; c < 3; c++) planes[base + c * area + i] = bytes[3 * i + c]! / 127.5 - 1;
      }
      return planes;
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}
