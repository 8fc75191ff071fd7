import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { writeFileAtomic } from "@prosopon/media/node";
import { type Alignment, alignments, type Manifest } from "@prosopon/models";
import * as z from "zod";

/** What a run learned from, as far as the users of its model must know. */
export interface RunData {
  readonly domain: Manifest["domain"];
  /** Where it is not that of its domain. */
  readonly alignment: Alignment | undefined;
  readonly sentence: string;
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
  const read = async (name: string): Promise<unknown> => {
    try {
      return JSON.parse(await readFile(join(folder, name), "utf8"));
    } catch (cause) {
      throw new ProsoponError("not-found", `The run ${folder} holds no readable ${name}.`, {
        values: { folder },
        mend: "Train it again with this version.",
        cause,
      });
    }
  };
  const data = schema.safeParse(await read(dataFile));
  if (!data.success)
    throw new ProsoponError("bad-file", `${join(folder, dataFile)} is damaged.`, { values: { folder } });
  return { ...data.data, alignment: data.data.alignment, config: (await read(configFile)) as object };
}
