import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { firstLine } from "./first-line.ts";

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission was denied",
  EPERM: "permission was denied",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than allowed",
  ENOENT: "the folder does not exist",
  ENOTDIR: "its folder is not a folder",
  EISDIR: "it is a folder",
};

/**
 * Writes a file that other programs see whole or not at all: written beside its place, flushed to the disk, then renamed.
 * On failure nothing is left behind, an older file of that name stays as it was, and `output` is thrown.
 */
export async function writeFileAtomic(file: string, bytes: Uint8Array | string): Promise<void> {
  const partial = join(dirname(file), `.${basename(file).slice(0, 80)}.${randomUUID()}.partial`);
  let made = false;
  try {
    const handle = await open(partial, "wx");
    made = true;
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, file);
  } catch (error) {
    // The first failure is the one to report, whatever the clearing away does.
    if (made) await rm(partial, { force: true }).catch(() => {});
    const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ""] ?? firstLine(error);
    throw new ProsoponError("output", `${file} could not be written: ${reason}.`, { values: { file }, cause: error });
  }
}
