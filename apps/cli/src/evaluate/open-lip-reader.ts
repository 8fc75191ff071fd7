import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ProsoponError } from "@prosopon/errors";
import type { LipReader } from "@prosopon/metrics";
import type { Host } from "@prosopon/runtime";
import { sha256 } from "@prosopon/weights/node";
import { z } from "zod";

const reader = z.object({
  specification: z.literal("lip-reader/v1"),
  name: z.string().min(1),
  input: z.strictObject({
    width: z.int().min(1).max(4096),
    height: z.int().min(1).max(4096),
    framesPerSecond: z.number().positive().max(1000),
    region: z.enum(["mouth", "face"]),
  }),
  read: z.custom<LipReader["read"]>((value) => typeof value === "function", "must be a function"),
});

export interface OpenLipReader extends AsyncDisposable {
  readonly reader: LipReader;
  /** Its name and the hash of its module, for protocol lines. */
  readonly note: string;
}

/**
 * A lip reader of the user's own: a JavaScript module that exports `lipReader({ host })`, which gives a `LipReader`. The module runs with the rights of
 * the command. @throws `not-found`, `bad-file` for a module without one.
 */
export async function openLipReader(host: Host, file: string): Promise<OpenLipReader> {
  if (!(await stat(file).catch(() => undefined))?.isFile())
    throw new ProsoponError("not-found", `There is no file ${file}.`, { values: { file } });
  const refuse = (reason: string, cause?: unknown) =>
    new ProsoponError("bad-file", `${file} gives no lip reader: ${reason}.`, {
      values: { file },
      mend: "Export a function lipReader({ host }) that gives a lip-reader/v1: docs/metrics.md has one.",
      cause,
    });
  const loaded: { lipReader?: unknown } = await import(pathToFileURL(resolve(file)).href).catch((error) => {
    throw refuse(`it cannot be loaded (${error.message})`, error);
  });
  if (typeof loaded.lipReader !== "function") throw refuse("it does not export lipReader");
  const made = await loaded.lipReader({ host });
  const parsed = reader.safeParse(made);
  if (!parsed.success) throw refuse(z.prettifyError(parsed.error), parsed.error);
  return {
    reader: made,
    note: `${parsed.data.name} (module sha256 ${(await sha256(file)).slice(0, 12)})`,
    [Symbol.asyncDispose]: async () => made[Symbol.asyncDispose]?.(),
  };
}
