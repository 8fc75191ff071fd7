import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { alignments } from "@prosopon/models";
import * as z from "zod";

export const dataManifestFile = "dataset.json";

const counts = z.strictObject({
  train: z.int().nonnegative(),
  validation: z.int().nonnegative(),
  test: z.int().nonnegative(),
});

/** `dataset.json`: written last, so where it is the folder is whole. */
export const dataManifestSchema = z.strictObject({
  specification: z.literal("dataset/v1"),
  kind: z.enum(["pictures", "clips"]),
  layout: z.string().min(1),
  domain: z.enum(["rendered portraits", "photographs"]),
  /** What models that learn from it need, see `Manifest.alignment`. */
  alignment: z.enum(alignments),
  /** Side in pixels at which it is read; files may be larger. */
  size: z.int().positive(),
  emotions: z.array(z.string()).length(8),
  counts,
  leftOut: z.record(z.string(), z.int().nonnegative()),
  /** Of clips. */
  framesPerSecond: z.number().positive().optional(),
  features: z.strictObject({ name: z.string().min(1), size: z.int().positive() }).optional(),
});

export type DataManifest = z.output<typeof dataManifestSchema>;

/** The manifest of a prepared folder. @throws `not-found` for a folder that is none or not finished, `bad-file`. */
export async function readDataManifest(folder: string): Promise<DataManifest> {
  const file = join(folder, dataManifestFile);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new ProsoponError("not-found", `${folder} holds no finished data set: there is no ${dataManifestFile}.`, {
      values: { folder },
      mend: "Make it, or go on with it, by prosopon data prepare.",
      cause,
    });
  }
  const bad = (reason: string, cause?: unknown) =>
    new ProsoponError("bad-file", `${file} is no dataset/v1: ${reason}.`, { values: { file }, cause });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw bad("it is no JSON", cause);
  }
  const parsed = dataManifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw bad(parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
}
