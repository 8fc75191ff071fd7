import { permutation } from "@prosopon/random";
import type { Pictures } from "../portrait-cache.ts";
import { dataPlanes, type PreparedFolder } from "./open-data.ts";
import { frameFile } from "./prepare-clips.ts";

/** Of clips so many frames a second are taken: neighbours are almost the same. */
const framesPerSecond = 5;

function filesOf({ items, manifest }: PreparedFolder): string[] {
  const step = Math.max(1, Math.round((manifest.framesPerSecond ?? 0) / framesPerSecond));
  return items.flatMap(({ file, frames }) =>
    frames === undefined
      ? [file]
      : Array.from({ length: Math.ceil(frames / step) }, (_, i) => `${file}/${frameFile(i * step)}`),
  );
}

/** The pictures of a prepared folder, or frames of its clips, each read when it is wanted. They are shuffled by `seed`, so that the first few stand for all. */
export function dataPictures(data: PreparedFolder, seed: number): Pictures {
  const files = filesOf(data);
  const order = permutation(seed, "pictures", files.length);
  return {
    count: files.length,
    size: data.manifest.size,
    planes: (indices) =>
      dataPlanes(
        data,
        Array.from(indices, (i) => files[order[i]!]!),
      ),
  };
}
