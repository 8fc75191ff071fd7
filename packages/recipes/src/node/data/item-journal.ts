import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import * as z from "zod";
import { dataSplits } from "./data-item.ts";

const record = z.union([
  z.strictObject({ key: z.string(), leftOut: z.string(), detail: z.string() }),
  z.strictObject({
    key: z.string(),
    /** Of the picture, or of the folder of frames. */
    file: z.string(),
    emotion: z.int().min(0).max(7),
    split: z.enum(dataSplits),
    identity: z.string().optional(),
    frames: z.int().positive().optional(),
    transcript: z.string().optional(),
    /** Where the face was not found but annotated. */
    annotated: z.literal(true).optional(),
  }),
]);

/** What became of one picture or clip. */
export type ItemRecord = z.output<typeof record>;
export type PreparedItem = Extract<ItemRecord, { readonly file: string }>;

export const itemsFile = "items.jsonl";

export interface ItemJournal extends AsyncDisposable {
  /** What earlier runs and this one came to. */
  readonly records: ReadonlyMap<string, ItemRecord>;
  /** Called when everything that the record speaks of is written. */
  append(record: ItemRecord): Promise<void>;
}

/** The records of a prepared folder, in the order in which they were made. @throws `bad-file`. */
export async function readItems(folder: string): Promise<ItemRecord[]> {
  const file = join(folder, itemsFile);
  const text = await readFile(file, "utf8").catch(() => "");
  // A last line without its end was being written when the power went.
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line, index) => {
    try {
      return record.parse(JSON.parse(line));
    } catch (cause) {
      throw new ProsoponError("bad-file", `${file} is damaged at line ${index + 1}.`, {
        values: { file, line: index + 1 },
        mend: "Delete the folder and prepare it again.",
        cause,
      });
    }
  });
}

/** Opens the record of a preparation to go on with it. @throws `bad-file`, `output`. */
export async function openItemJournal(folder: string): Promise<ItemJournal> {
  const records = new Map((await readItems(folder)).map((one) => [one.key, one]));
  const file = join(folder, itemsFile);
  let handle: FileHandle;
  try {
    handle = await open(file, "a+");
    const { size } = await handle.stat();
    const whole = Buffer.byteLength(
      await handle.readFile("utf8").then((text) => text.slice(0, text.lastIndexOf("\n") + 1)),
    );
    if (whole < size) await handle.truncate(whole);
  } catch (cause) {
    throw new ProsoponError("output", `${file} cannot be written.`, { values: { file }, cause });
  }
  return {
    records,
    async append(one) {
      await handle.write(`${JSON.stringify(one)}\n`);
      records.set(one.key, one);
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
