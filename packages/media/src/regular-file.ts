import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { ProsoponError } from "@prosopon/errors";
import { firstLine } from "./first-line.ts";

/**
 * What the system says of a file that can be read from its beginning to its end. @throws `not-found`; `bad-input` for a folder, a device
 * or a pipe: to open one may wait for ever, and a device may never end.
 */
export async function regularFile(file: string): Promise<Stats> {
  const entry = await stat(file).catch((error: unknown) => {
    throw unreadableFile(file, error);
  });
  if (entry.isFile()) return entry;
  const kind = entry.isDirectory() ? "folder" : "device or pipe";
  throw new ProsoponError("bad-input", `${file} is a ${kind}, not a file.`, { values: { file } });
}

/** Why a file could not be opened or read. */
export function unreadableFile(file: string, cause: unknown): ProsoponError {
  if (cause instanceof ProsoponError) return cause;
  const options = { values: { file }, cause };
  return (cause as NodeJS.ErrnoException).code === "ENOENT"
    ? new ProsoponError("not-found", `There is no file ${file}.`, options)
    : new ProsoponError("bad-input", `${file} cannot be read: ${firstLine(cause)}.`, options);
}
