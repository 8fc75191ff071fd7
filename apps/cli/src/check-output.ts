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
  named(file);
  const mime = mimes[extname(file).toLowerCase()];
  if (mime) return mime;
  throw new ProsoponError("bad-input", `The extension of ${file} names no image format that can be written.`, {
    values: { file },
    mend: "Use .png, .jpg, .jpeg or .webp.",
  });
}

function named(file: string): void {
  if (file === "") throw new ProsoponError("bad-input", "The output has no name.", { mend: "Name a file with -o." });
}

/**
 * Refuses, before anything is computed, an output that could not be written afterwards, or that would take the place of an input.
 * @throws `bad-input` for the extension or an input; `output` for a folder that is absent or not writable.
 */
export async function checkOutput(file: string, inputs: readonly string[] = []): Promise<void> {
  mimeOf(file);
  await checkPlace(file, inputs);
}

/** The same for a film; `silent`: also one without sound. @throws as `checkOutput`. */
export async function checkFilm(
  file: string,
  inputs: readonly string[],
  { silent = false }: { readonly silent?: boolean } = {},
): Promise<void> {
  named(file);
  const extension = extname(file).toLowerCase();
  if (![".mp4", ".webm", ...(silent ? [".webp"] : [])].includes(extension))
    throw new ProsoponError("bad-input", `The extension of ${file} names no film that can be written.`, {
      values: { file },
      mend: silent ? "Use .mp4, .webm or, without sound, .webp." : "Use .mp4 or .webm.",
    });
  await checkPlace(file, inputs);
}

/** The same for a file of any kind. @throws `output`, or `bad-input` for an input. */
export async function checkPlace(file: string, inputs: readonly string[]): Promise<void> {
  const folder = dirname(resolve(file));
  const refuse = (reason: string, mend: string) =>
    new ProsoponError("output", `${file} cannot be written: ${reason}.`, { values: { file, folder }, mend });
  const entry = await stat(folder).catch(() => undefined);
  if (!entry?.isDirectory()) throw refuse(`the folder ${folder} does not exist`, `Make it first: mkdir -p ${folder}`);
  await access(folder, constants.W_OK).catch(() => {
    throw refuse(`the folder ${folder} is read-only`, "Choose another folder with -o.");
  });
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory()) throw refuse("it is a folder", "Name a file with -o.");
  for (const input of there ? inputs : []) {
    const { dev, ino } = (await stat(input).catch(() => undefined)) ?? {};
    if (dev === there!.dev && ino === there!.ino)
      throw new ProsoponError("bad-input", `The output ${file} is the input ${input}, which would be lost.`, {
        values: { file, input },
        mend: "Name another file with -o.",
      });
  }
}
