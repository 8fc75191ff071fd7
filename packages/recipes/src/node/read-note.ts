import { readFile } from "node:fs/promises";
import { ProsoponError } from "@prosopon/errors";
import type * as z from "zod";

/** What a JSON file in the folder of a run says. @throws `not-found`, `bad-file`; `mend` says what to do. */
export async function readNote<T>(file: string, schema: z.ZodType<T>, mend: string): Promise<T> {
  const options = (cause: unknown) => ({ values: { file }, mend, cause });
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new ProsoponError("not-found", `There is no readable ${file}.`, options(cause));
  });
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new ProsoponError("bad-file", `${file} does not say what it should.`, options(cause));
  }
}
