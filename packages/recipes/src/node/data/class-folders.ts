import { join } from "node:path";
import { emotionIndex } from "@prosopon/corpus";
import { ProsoponError } from "@prosopon/errors";
import { readImage } from "@prosopon/media/node";
import { type DataSplit, leftOut, type PictureItem } from "./data-item.ts";
import { foldersIn, isFile, picturesBelow } from "./picture-tree.ts";
import { readTable } from "./read-table.ts";
import { splitNamed, splitOf } from "./split-of.ts";

/** An emotion by its name, or by its number in our order. */
function emotionNamed(name: string): number | undefined {
  try {
    return emotionIndex(/^[0-7]$/.test(name) ? Number(name) : name);
  } catch {
    return undefined;
  }
}

interface Labelled {
  readonly key: string;
  readonly label: string;
  readonly split: DataSplit;
  readonly file: string;
  readonly identity?: string | undefined;
}

const itemOf = ({ key, label, split, file, identity }: Labelled): PictureItem => ({
  key,
  // Pictures of different folders may have one name.
  name: key.replaceAll("/", "-"),
  split,
  identity,
  async emotion() {
    const found = emotionNamed(label);
    if (found === undefined)
      throw leftOut("another emotion", `${key} is labelled "${label}", which is none of the eight.`);
    return found;
  },
  read: () => readImage(file),
});

async function fromTable(folder: string, table: string): Promise<PictureItem[]> {
  const items: PictureItem[] = [];
  const seen = new Set<string>();
  // Names in the table may be those in a folder beside it.
  let inner: string | undefined;
  for await (const { file = "", emotion = "", identity, split } of readTable(table, ["file", "emotion"])) {
    if (file === "" || file.startsWith("/") || file.split(/[\\/]/).includes("..") || seen.has(file)) continue;
    seen.add(file);
    for (const one of inner === undefined ? ["", ...(await foldersIn(folder))] : [])
      if (inner === undefined && (await isFile(join(folder, one, file)))) inner = one;
    items.push(
      itemOf({
        key: file,
        label: emotion,
        split: splitNamed(split ?? "") ?? splitOf(identity || file),
        file: join(folder, inner ?? "", file),
        identity: identity || undefined,
      }),
    );
  }
  return items;
}

async function fromFolders(folder: string, inside: string, split?: DataSplit): Promise<PictureItem[]> {
  const items: PictureItem[] = [];
  for (const label of await foldersIn(join(folder, inside))) {
    const top = join(folder, inside, label);
    for (const path of await picturesBelow(top)) {
      const key = [...(inside === "" ? [] : [inside]), label, path].join("/");
      items.push(itemOf({ key, label, split: split ?? splitOf(key), file: join(top, path) }));
    }
  }
  return items;
}

export interface ClassFoldersOptions {
  /** The emotion of pictures that lie in the folder itself, without a label. */
  readonly emotion?: string | undefined;
}

/**
 * Pictures by emotion: `labels.csv` with the columns file and emotion (and identity, split), or a folder for each emotion, perhaps within
 * folders train, val and test; or pictures without labels, whose one emotion is given.
 * @throws `bad-input` for a folder without any of that, and where no label is an emotion.
 */
export async function classFolderItems(folder: string, { emotion }: ClassFoldersOptions = {}): Promise<PictureItem[]> {
  if (emotion !== undefined) {
    if (emotionNamed(emotion) === undefined) emotionIndex(emotion);
    const paths = await picturesBelow(folder);
    const items = paths.map((key) => itemOf({ key, label: emotion, split: splitOf(key), file: join(folder, key) }));
    if (items.length > 0) return items;
  } else {
    const table = join(folder, "labels.csv");
    const items: PictureItem[] = [];
    if (await isFile(table)) items.push(...(await fromTable(folder, table)));
    else {
      const inner = await foldersIn(folder);
      for (const name of inner) {
        const split = splitNamed(name);
        if (split) items.push(...(await fromFolders(folder, name, split)));
      }
      if (items.length === 0) items.push(...(await fromFolders(folder, "")));
    }
    const labels = await Promise.all(
      items.map((item) =>
        item.emotion().then(
          () => true,
          () => false,
        ),
      ),
    );
    if (labels.includes(true)) return items;
    if (items.length > 0)
      throw new ProsoponError("bad-input", `No folder or label in ${folder} is the name of an emotion.`, {
        values: { folder, first: items[0]!.key },
        mend: "Name them neutral, happy, sad, surprised, scared, disgusted, angry or contempt, or 0 to 7.",
      });
  }
  throw new ProsoponError("bad-input", `${folder} holds no pictures by emotion.`, {
    values: { folder },
    mend: "Make a folder for each emotion, or a labels.csv with the columns file and emotion, or say --emotion NAME for all.",
  });
}
