import { randomUUID } from "node:crypto";
import { open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { firstLine } from "../first-line.ts";

/** A place beside `file` where it is written until it is whole. */
export interface PartialFile {
  readonly path: string;
  /** Flushes it to the disk and gives it its name. Throws `output`. */
  finish(): Promise<void>;
  remove(): Promise<void>;
}

/** Throws `output` if the folder of `file` is missing. */
export async function partialFile(file: string): Promise<PartialFile> {
  const folder = dirname(file);
  const path = join(folder, `.${basename(file).slice(0, 80)}.${randomUUID()}.partial`);
  const entry = await stat(folder).catch(() => undefined);
  if (!entry?.isDirectory()) {
    throw new ProsoponError("output", `${file} could not be written: the folder does not exist.`, { values: { file } });
  }
  const remove = () => rm(path, { force: true });
  return {
    path,
    remove,
    finish: async () => {
      try {
        const handle = await open(path, "r+");
        await handle.sync().finally(() => handle.close());
        await rename(path, file);
      } catch (error) {
        await remove().catch(() => {});
        throw new ProsoponError("output", `${file} could not be written: ${firstLine(error)}.`, {
          values: { file },
          cause: error,
        });
      }
    },
  };
}
