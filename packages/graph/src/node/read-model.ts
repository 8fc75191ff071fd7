import { dirname } from "node:path";
import { type DecodeOptions, decodeModel } from "../decode/decode-model.ts";
import type { Graph } from "../graph.ts";
import { externalFiles } from "./external-file.ts";
import { readBytes } from "./read-bytes.ts";

export interface ReadModelOptions extends Omit<DecodeOptions, "external"> {
  /** Where external data may lie; the default is the folder of the file. */
  readonly folder?: string;
}

/** Decodes a model file. @throws `not-found` without the file, `bad-file` as `decodeModel` and for data outside the folder. */
export async function readModel(file: string, { folder, ...options }: ReadModelOptions = {}): Promise<Graph> {
  return decodeModel(await readBytes(file), { ...options, external: externalFiles(folder ?? dirname(file)) });
}
