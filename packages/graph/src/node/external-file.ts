import { closeSync, fstatSync, openSync, readSync, realpathSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import type { ExternalData } from "../decode/read-tensor.ts";

function inside(folder: string, location: string): string {
  const refuse = (reason: string, cause?: unknown) =>
    new ProsoponError("bad-file", `The model's external data "${location}" ${reason}.`, {
      values: { location, folder },
      ...(cause === undefined ? {} : { cause }),
    });
  if (location === "" || location.includes("\0") || isAbsolute(location) || /^[A-Za-z]:|\\/.test(location))
    throw refuse("is no path inside the model's folder");
  let root: string;
  let file: string;
  try {
    root = realpathSync(folder);
    file = realpathSync(resolve(root, location));
  } catch (cause) {
    throw refuse("cannot be found", cause);
  }
  // After links are followed, so that a link out of the folder is refused like "..".
  const way = relative(root, file);
  if (way === "" || way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)) throw refuse("leaves the folder");
  return file;
}

/** Reads external data from files in a folder and refuses every path that leads out of it. @throws `bad-file` */
export function externalFiles(folder: string): ExternalData {
  return (location, offset, length) => {
    const handle = openSync(inside(folder, location), "r");
    try {
      const stat = fstatSync(handle);
      if (!stat.isFile() || offset + length > stat.size)
        throw new ProsoponError(
          "bad-file",
          `The model's external data "${location}" has ${stat.size} bytes; ${length} at ${offset} are needed.`,
          { values: { location, offset, length, size: stat.size } },
        );
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const read = readSync(handle, bytes, done, Math.min(length - done, 2 ** 30), offset + done);
        if (read === 0) throw new ProsoponError("bad-file", `The file "${location}" ended early.`);
        done += read;
      }
      return bytes;
    } finally {
      closeSync(handle);
    }
  };
}
