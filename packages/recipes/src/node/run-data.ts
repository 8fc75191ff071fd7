import { join } from "node:path";
import { writeFileAtomic } from "@prosopon/media/node";
import { type Alignment, alignments, type Manifest } from "@prosopon/models";
import * as z from "zod";
import type { PreparedFolder } from "./data/open-data.ts";
import { readNote } from "./read-note.ts";

/** What a run learned from, as far as the users of its model must know. */
export interface RunData {
  readonly domain: Manifest["domain"];
  /** Where it is not that of its domain. */
  readonly alignment: Alignment | undefined;
  readonly sentence: string;
}

/** Of so many rendered portraits, or of what else was drawn. */
export const renderedData = (
  count: number,
  seed: number,
  what = "portraits rendered by @prosopon/corpus",
): RunData => ({
  domain: "rendered portraits",
  alignment: undefined,
  sentence: `${count} ${what} from seed ${seed}, people of the training part only.`,
});

/** Of a prepared folder. */
export function preparedData({ manifest, items }: PreparedFolder): RunData {
  const { kind, layout, domain, alignment } = manifest;
  const sentence = `${items.length} ${kind} of the user's in the layout ${layout}, aligned "${alignment}".`;
  return { domain, alignment, sentence };
}

const schema = z.object({
  domain: z.enum(["rendered portraits", "photographs"]),
  alignment: z.enum(alignments).optional(),
  sentence: z.string(),
});

const [dataFile, configFile] = ["data.json", "config.json"];
const text = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;

/** Notes data and network in the folder of a run, for `packRun`. */
export async function writeRunData(
  folder: string,
  { domain, alignment, sentence }: RunData,
  config: unknown,
): Promise<void> {
  await writeFileAtomic(join(folder, dataFile), text({ domain, alignment, sentence }));
  await writeFileAtomic(join(folder, configFile), text(config));
}

/** What `writeRunData` noted. @throws `not-found`, `bad-file`. */
export async function readRunData(folder: string): Promise<RunData & { readonly config: object }> {
  const mend = "Train it again with this version.";
  const { domain, alignment, sentence } = await readNote(join(folder, dataFile), schema, mend);
  const config = await readNote(join(folder, configFile), z.looseObject({}), mend);
  return { domain, alignment, sentence, config };
}
