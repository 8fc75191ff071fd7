import { readFile } from "node:fs/promises";
import { ProsoponError } from "@prosopon/errors";

/** The bytes of a model file. @throws `not-found` */
export async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new ProsoponError("not-found", `The model file "${file}" cannot be read.`, { values: { file }, cause });
  }
}
