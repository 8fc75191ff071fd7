import { type Provenance, read } from "@prosopon/provenance";

/** The mark in the bytes of a picture or film, if it is one of ours. A broken or foreign mark is no mark. */
export function ownMark(bytes: Uint8Array): Provenance | undefined {
  try {
    const found = read(bytes);
    return found?.software === "Prosopon" ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Our own mark says that a program drew it: it shows nobody. */
export const isDrawn = (bytes: Uint8Array): boolean => ownMark(bytes)?.kind === "algorithmicMedia";
