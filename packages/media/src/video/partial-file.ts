import { randomUUID } from "node:crypto";
import { open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { firstLine } from "../first-line.ts";

/** A place beside `file` where it is written until it is whole. */
export interface PartialFile {
  readonly path: string;
  /** Flushes it to the disk and puts it in its place. Throws `output` and what `place` throws; nothing is left beside then. */
  finish(): Promise<void>;
  remove(): Promise<void>;
}

/** `place` puts the whole file in its place; it is renamed if not given. Throws `output` if the folder of `file` is missing. */
export async function partialFile(
  file: string,
  place = (whole: string): Promise<void> => rename(whole, file),
): Promise<PartialFile> {
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
        await place(path);
      } catch (error) {
        if (error instanceof ProsoponError) throw error;
        throw new ProsoponError("output", `${file} could not be written: ${firstLine(error)}.`, {
          values: { file },
          cause: error,
        });
      } finally {
        await remove().catch(() => {});
      }
    },
  };
}
