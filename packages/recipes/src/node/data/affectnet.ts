import { readdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import type { Box, Point } from "@prosopon/media";
import { readImage } from "@prosopon/media/node";
import { type DataSplit, leftOut, type PictureItem } from "./data-item.ts";
import { isFile, isPicture } from "./picture-tree.ts";
import { readNpy } from "./read-npy.ts";
import { readTable } from "./read-table.ts";

const lists: readonly (readonly [file: string, split: DataSplit])[] = [
  ["training.csv", "train"],
  ["validation.csv", "validation"],
];
const listFolders = ["", "Manually_Annotated_file_lists", "Manually_Annotated/Manually_Annotated_file_lists"];
const pictureFolders = ["", "Manually_Annotated_Images", "Manually_Annotated/Manually_Annotated_Images"];
const sets: readonly (readonly [folder: string, split: DataSplit])[] = [
  ["train_set", "train"],
  ["val_set", "validation"],
];

/** AffectNet's labels 0 to 7 are ours; 8 to 10 are "none", "uncertain" and "no face". */
function labelOf(key: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= 7) return value;
  if (value >= 8 && value <= 10)
    throw leftOut("another emotion", `${key} is labelled ${value}: none, uncertain or no face.`);
  throw leftOut("no annotation", `${key} has the label ${value}.`);
}

const pointsOf = (values: ArrayLike<number>): readonly Point[] | undefined =>
  values.length === 136
    ? Array.from({ length: 68 }, (_, i): Point => [values[2 * i]! + 0.5, values[2 * i + 1]! + 0.5])
    : undefined;

/** The full distribution: lists with boxes and landmarks beside folders of pictures. */
async function* listed(folder: string): AsyncGenerator<PictureItem, void> {
  const columns = ["subDirectory_filePath", "expression"];
  for (const [name, split] of lists) {
    for (const place of listFolders) {
      const table = join(folder, place, name);
      if (!(await isFile(table))) continue;
      let pictures: string | undefined;
      for await (const row of readTable(table, columns)) {
        const key = row["subDirectory_filePath"] ?? "";
        if (key === "" || key.split(/[\\/]/).includes("..") || key.startsWith("/")) continue;
        // The folder with the pictures is the first that has one of them.
        if (pictures === undefined)
          for (const one of pictureFolders) if (await isFile(join(folder, one, key))) pictures ??= join(folder, one);
        const [x, y, width, height] = ["face_x", "face_y", "face_width", "face_height"].map((column) =>
          Number.parseInt(row[column] ?? "", 10),
        ) as [number, number, number, number];
        const box: Box | undefined = width > 0 && height > 0 && x >= 0 && y >= 0 ? { x, y, width, height } : undefined;
        const places = Float32Array.from((row["facial_landmarks"] ?? "").split(";"), Number);
        const points = places.every(Number.isFinite) ? pointsOf(places) : undefined;
        const label = row["expression"];
        const file = join(pictures ?? folder, key);
        yield {
          key,
          name: basename(key),
          split,
          emotion: async () => labelOf(key, label === undefined || label === "" ? Number.NaN : Number(label)),
          read: () => readImage(file),
          box,
          ...(points ? { landmarks: async () => points } : {}),
        };
      }
      break;
    }
  }
}

/** The reduced distribution: cropped pictures with four NumPy files each. */
async function* annotated(folder: string): AsyncGenerator<PictureItem, void> {
  for (const [set, split] of sets) {
    const files = await readdir(join(folder, set, "images")).catch(() => []);
    for (const name of files.filter(isPicture).toSorted()) {
      const key = `${set}/images/${name}`;
      const annotation = (what: string) =>
        readNpy(join(folder, set, "annotations", `${basename(name, extname(name))}_${what}.npy`));
      yield {
        key,
        name,
        split,
        emotion: async () => labelOf(key, (await annotation("exp"))[0] ?? Number.NaN),
        read: () => readImage(join(folder, set, "images", name)),
        landmarks: async () => pointsOf(await annotation("lnd").catch(() => [])),
      };
    }
  }
}

/** The pictures of AffectNet, in either of its two forms. @throws `bad-input` where the folder has neither. */
export async function affectnetItems(folder: string): Promise<PictureItem[]> {
  const items: PictureItem[] = [];
  for await (const item of listed(folder)) items.push(item);
  if (items.length === 0) for await (const item of annotated(folder)) items.push(item);
  if (items.length > 0) return items;
  throw new ProsoponError("bad-input", `${folder} is not laid out as AffectNet: it names no pictures.`, {
    values: { folder },
    mend: "It needs training.csv or validation.csv beside Manually_Annotated_Images, or train_set/images and train_set/annotations.",
  });
}
