import { mkdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { isProsoponError, ProsoponError } from "@prosopon/errors";
import { type Image, toRgb } from "@prosopon/media";
import { writeImage } from "@prosopon/media/node";
import { type AlignPictureOptions, alignPicture } from "./align-picture.ts";
import { leftOut, type PictureItem } from "./data-item.ts";
import type { ItemJournal, ItemRecord } from "./item-journal.ts";
import { stopIfCancelled } from "./stop-if-cancelled.ts";

export interface PreparePicturesOptions extends AlignPictureOptions {
  readonly folder: string;
  readonly items: readonly PictureItem[];
  readonly journal: ItemJournal;
  readonly onProgress?: ((label: string, done: number, total: number) => void) | undefined;
}

const writable = [".jpg", ".jpeg", ".png", ".webp"];

/** The folder of prepared pictures, beside the lists. */
export const picturesFolder = "pictures";

/** What scikit-image, with which the reference wrote, does by default. */
export const referenceCoding = { quality: 75, chroma: "half" } as const;

/** As in the thesis, the label stands before the first "_" of the name. */
const nameOf = (label: number, { name }: PictureItem): string =>
  `${label}_${writable.includes(extname(name).toLowerCase()) ? name : `${name}.png`}`;

/** What is wrong with an item as a record, if it is something that only concerns the item. */
export function leftOutRecord(key: string, error: unknown): ItemRecord {
  const reason = isProsoponError(error) ? error.values["leftOut"] : undefined;
  if (typeof reason !== "string") throw error;
  return { key, leftOut: reason, detail: (error as Error).message };
}

async function readable(item: PictureItem): Promise<Image> {
  try {
    return toRgb(await item.read());
  } catch (error) {
    if (!isProsoponError(error) || error.code === "cancelled" || error.values["leftOut"]) throw error;
    throw leftOut("unreadable", error.message, error);
  }
}

/** Aligns and writes every picture that no earlier run did. @throws `cancelled`, after which the same call goes on; `output`. */
export async function preparePictures(options: PreparePicturesOptions): Promise<void> {
  const { folder, items, journal, alignment, signal, onProgress } = options;
  await mkdir(join(folder, picturesFolder), { recursive: true });
  const taken = new Map<string, string>();
  for (const [index, item] of items.entries()) {
    stopIfCancelled(signal, "Preparing pictures");
    const known = journal.records.get(item.key);
    if (known) {
      if ("file" in known) taken.set(known.file, item.key);
      continue;
    }
    let record: ItemRecord;
    try {
      const emotion = await item.emotion();
      const { image, annotated } = await alignPicture(await readable(item), item, options);
      const file = `${picturesFolder}/${nameOf(emotion, item)}`;
      if (taken.has(file))
        throw new ProsoponError("bad-input", `${item.key} and ${taken.get(file)} would both become ${file}.`, {
          values: { file, key: item.key },
          mend: "Rename one of them.",
        });
      taken.set(file, item.key);
      const coding = alignment === "reference" ? referenceCoding : { quality: 95 };
      await writeImage(join(folder, file), image, coding);
      const { split, identity } = item;
      record = {
        key: item.key,
        file,
        emotion,
        split,
        ...(identity === undefined ? {} : { identity }),
        ...(annotated ? { annotated } : {}),
      };
    } catch (error) {
      stopIfCancelled(signal, "Preparing pictures");
      record = leftOutRecord(item.key, error);
    }
    await journal.append(record);
    onProgress?.("aligning", index + 1, items.length);
  }
}
