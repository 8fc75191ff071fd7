import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import type { EncodedMime } from "@prosopon/media/node";

const mimes: Readonly<Record<string, EncodedMime>> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".webp": "image/webp",
};

/** The format that a file's extension names. @throws `bad-input` for another. */
export function mimeOf(file: string): EncodedMime {
  const mime = mimes[extname(file).toLowerCase()];
  if (mime) return mime;
  throw new ProsoponError("bad-input", `The extension of ${file} names no image format that can be written.`, {
    values: { file },
    mend: "Use .png, .jpg, .jpeg or .webp.",
  });
}

/**
 * Refuses, before anything is computed, an output that could not be written afterwards.
 * @throws `bad-input` for the extension, `output` for a folder that is absent or not writable.
 */
export async function checkOutput(file: string): Promise<void> {
  mimeOf(file);
  await checkPlace(file);
}

/** The same for a film; `silent`: also one without sound. @throws as `checkOutput`. */
export async function checkFilm(file: string, { silent = false }: { readonly silent?: boolean } = {}): Promise<void> {
  const extension = extname(file).toLowerCase();
  if (![".mp4", ".webm", ...(silent ? [".webp"] : [])].includes(extension))
    throw new ProsoponError("bad-input", `The extension of ${file} names no film that can be written.`, {
      values: { file },
      mend: silent ? "Use .mp4, .webm or, without sound, .webp." : "Use .mp4 or .webm.",
    });
  await checkPlace(file);
}

async function checkPlace(file: string): Promise<void> {
  const folder = dirname(resolve(file));
  const refuse = (reason: string, mend: string) =>
    new ProsoponError("output", `${file} cannot be written: ${reason}.`, { values: { file, folder }, mend });
  const entry = await stat(folder).catch(() => undefined);
  if (!entry?.isDirectory()) throw refuse(`the folder ${folder} does not exist`, `Make it first: mkdir -p ${folder}`);
  await access(folder, constants.W_OK).catch(() => {
    throw refuse(`the folder ${folder} is read-only`, "Choose another folder with -o.");
  });
  if ((await stat(file).catch(() => undefined))?.isDirectory()) throw refuse("it is a folder", "Name a file with -o.");
}
