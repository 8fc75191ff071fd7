import { dirname } from "node:path";
import { decodeWeights } from "../decode/decode-model.ts";
import type { Tensor } from "../tensor.ts";
import { externalFiles } from "./external-file.ts";
import { readBytes } from "./read-bytes.ts";

/** The tensors behind the parameters of `readModel(file, { weights: "parameters" })`, by name. @throws as `readModel`. */
export async function readWeights(
  file: string,
  { folder = dirname(file) }: { readonly folder?: string } = {},
): Promise<ReadonlyMap<string, Tensor>> {
  return decodeWeights(await readBytes(file), { external: externalFiles(folder) });
}
