import { join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { image, toRgb } from "@prosopon/media";
import { leftOut, type PictureItem } from "./data-item.ts";
import { isFile } from "./picture-tree.ts";
import { readTable } from "./read-table.ts";
import { splitNamed } from "./split-of.ts";

const side = 48;
/** Angry, disgust, fear, happy, sad, surprise, neutral: as ours. */
const labels = [6, 5, 4, 1, 2, 3, 0] as const;

/** The pictures of FER2013, whose table holds their pixels. @throws `bad-input` without `fer2013.csv`, `bad-file` for another table. */
export async function fer2013Items(folder: string): Promise<PictureItem[]> {
  const file = (await isFile(folder)) ? folder : join(folder, "fer2013.csv");
  if (!(await isFile(file)))
    throw new ProsoponError("bad-input", `${folder} is not laid out as FER2013: there is no fer2013.csv in it.`, {
      values: { folder },
      mend: "Name the folder of fer2013.csv; pictures in folders are prepared by prosopon data prepare folder.",
    });
  const items: PictureItem[] = [];
  let row = 0;
  for await (const { emotion, pixels = "", Usage } of readTable(file, ["emotion", "pixels", "Usage"])) {
    const key = `row ${++row}`;
    const levels = pixels.split(" ").map(Number);
    const whole =
      levels.length === side * side && levels.every((level) => Number.isInteger(level) && level >= 0 && level <= 255);
    const bytes = whole ? Uint8Array.from(levels) : undefined;
    items.push({
      key,
      name: `${String(row).padStart(5, "0")}.png`,
      split: splitNamed(Usage ?? "") ?? "train",
      async emotion() {
        const label = labels[emotion === undefined || emotion === "" ? -1 : Number(emotion)];
        if (label === undefined) throw leftOut("no annotation", `${key} has the label ${emotion}.`);
        return label;
      },
      async read() {
        if (!bytes) throw leftOut("unreadable", `${key} does not hold ${side * side} levels from 0 to 255.`);
        return toRgb(image(side, side, 1, bytes));
      },
    });
  }
  return items;
}
