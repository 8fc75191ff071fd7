import { extname } from "node:path";
import type { TensorNames } from "@prosopon/perception";
import { openCheckpoint, openWeights, sha256 } from "@prosopon/weights/node";

export interface OpenTensors extends AsyncDisposable {
  readonly tensors: TensorNames;
  /** File's hash, shortened, for protocol lines. */
  readonly note: string;
}

/** A weights file of either format. @throws `not-found`, `bad-file`. */
export async function openTensors(file: string): Promise<OpenTensors> {
  const safe = extname(file).toLowerCase() === ".safetensors";
  const opened = safe ? await openWeights(file) : await openCheckpoint(file);
  const tensors = "stateDict" in opened ? opened.stateDict : opened;
  return {
    tensors,
    note: `sha256 ${(await sha256(file)).slice(0, 12)}`,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}
