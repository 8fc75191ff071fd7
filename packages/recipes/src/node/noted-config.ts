import { existsSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { readNote } from "./read-note.ts";

/** The configuration in the notes beside weights: a run's, or a model's. Undefined where there are none. @throws `bad-file` for that of another network. */
export async function notedConfig<T>(folder: string, schema: z.ZodType<T>): Promise<T | undefined> {
  for (const [name, note] of [
    ["config.json", schema],
    ["model.json", z.looseObject({ config: schema }).transform(({ config }) => config)],
  ] as const) {
    const file = join(folder, name);
    if (existsSync(file)) return readNote(file, note, "Give weights of a run or a model of this recipe.");
  }
  return undefined;
}
