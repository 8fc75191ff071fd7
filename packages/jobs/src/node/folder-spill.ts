import { mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Spill } from "../embedded/kept-frames.ts";

export interface FolderSpillOptions {
  /** Made when it is first needed. Of this process alone: what an earlier one left is nobody's. */
  readonly folder: string;
  /** Bytes of a job that stay in memory; default 16 MiB. */
  readonly memoryBytes?: number;
}

/** Keeps the older frames of embedded jobs as files, a segment each. */
export const folderSpill = ({ folder, memoryBytes = 16 * 2 ** 20 }: FolderSpillOptions): Spill => {
  const file = (job: string, segment: number): string => join(folder, `${job}.${segment}.frames`);
  return {
    memoryBytes,
    async write(job, segment, parts) {
      await mkdir(folder, { recursive: true });
      const path = file(job, segment);
      await writeFile(`${path}.part`, parts);
      await rename(`${path}.part`, path);
    },
    async read(job, segment, offset, length) {
      const handle = await open(file(job, segment));
      try {
        const bytes = new Uint8Array(length);
        await handle.read(bytes, 0, length, offset);
        return bytes;
      } finally {
        await handle.close();
      }
    },
    remove: (job, segment) => rm(file(job, segment), { force: true }),
  };
};
