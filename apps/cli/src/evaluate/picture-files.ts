import { readdir, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { ProsoponError } from "@prosopon/errors";

const extensions = [".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".tif", ".tiff"];

/** A picture's name without folder and extension. */
export const stemOf = (file: string): string => basename(file, extname(file));

const isFolder = async (path: string) => {
  const entry = await stat(path).catch(() => undefined);
  if (!entry)
    throw new ProsoponError("not-found", `There is no ${path}.`, { values: { path }, mend: "Check the path." });
  return entry.isDirectory();
};

/** The pictures of a folder in the order of their names. @throws `not-found`, `bad-input` for a folder without any. */
export async function pictureFiles(folder: string): Promise<readonly string[]> {
  if (!(await isFolder(folder)))
    throw new ProsoponError("bad-input", `${folder} is no folder.`, {
      values: { folder },
      mend: "Name a folder of pictures.",
    });
  const files = (await readdir(folder)).filter((file) => extensions.includes(extname(file).toLowerCase())).toSorted();
  if (files.length > 0) return files.map((file) => join(folder, file));
  throw new ProsoponError("bad-input", `${folder} holds no pictures.`, {
    values: { folder },
    mend: `Put files of ${extensions.join(", ")} into it.`,
  });
}

export interface PicturePair {
  readonly name: string;
  readonly reference: string;
  readonly image: string;
}

/** Two files, or the files of two folders that have the same name but for the extension. @throws `bad-input` for names without partner. */
export async function picturePairs(a: string, b: string): Promise<readonly PicturePair[]> {
  const [first, second] = [await isFolder(a), await isFolder(b)];
  if (!first && !second) return [{ name: stemOf(b), reference: a, image: b }];
  if (first !== second)
    throw new ProsoponError("bad-input", `${a} and ${b} are a folder and a file.`, {
      mend: "Give two files or two folders.",
    });
  const [references, images] = [await pictureFiles(a), await pictureFiles(b)];
  const byName = new Map(references.map((file) => [stemOf(file), file]));
  const names = new Set(images.map(stemOf));
  const lonely = [
    ...images.filter((file) => !byName.has(stemOf(file))),
    ...references.filter((file) => !names.has(stemOf(file))),
  ];
  if (lonely.length > 0 || byName.size !== references.length || names.size !== images.length)
    throw new ProsoponError(
      "bad-input",
      lonely.length > 0
        ? `${lonely.length} pictures have no partner in the other folder, such as ${lonely[0]}.`
        : "A folder has two pictures of one name.",
      { values: { lonely: lonely.slice(0, 16) }, mend: "Give both folders the same names; extensions may differ." },
    );
  return images.map((file) => ({ name: stemOf(file), reference: byName.get(stemOf(file))!, image: file }));
}
