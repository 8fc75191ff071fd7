import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { type AddressBook, parseAddressBook, publicAddresses } from "@prosopon/models";
import { getModel } from "@prosopon/models/node";
import type { Context } from "../context.ts";
import { homeFolder } from "../model-folders.ts";
import type { Reporter } from "../reporter.ts";
import { byteProgress } from "./byte-progress.ts";

export interface GetOptions {
  readonly from?: string;
  readonly offline?: true;
  readonly json?: true;
}

/** The file given, or the one in its folder; else the user's own, else the one that comes with Prosopon. */
async function addressBook(home: string, from: string | undefined): Promise<AddressBook> {
  const folder = from !== undefined && (await stat(from).catch(() => undefined))?.isDirectory();
  const file = from === undefined ? join(home, "addresses.json") : folder ? join(from, "addresses.json") : from;
  const text = await readFile(file, "utf8").catch((cause) => {
    if (from === undefined) return undefined;
    throw new ProsoponError("not-found", `There are no addresses in ${file}.`, { values: { file }, cause });
  });
  return text === undefined ? publicAddresses : parseAddressBook(text, file);
}

/** `prosopon models get`. */
export async function getModels(
  context: Context,
  reporter: Reporter,
  name: string,
  { from, offline }: GetOptions,
): Promise<void> {
  const home = homeFolder(context);
  const folder = join(home, "models");
  const progress = byteProgress(reporter);
  try {
    const models = await getModel({
      name,
      addresses: await addressBook(home, from),
      folder,
      cache: join(home, "cache", "downloads"),
      offline,
      onProgress: progress.update,
      signal: context.signal,
    });
    progress.stop();
    reporter.result(
      { command: "models get", models: models.map((one) => ({ ...one, folder: join(folder, one.name) })) },
      models.map((one) => `${one.name} (${one.kind}): ${join(folder, one.name)}`).join("\n"),
    );
  } finally {
    progress.stop();
  }
}
