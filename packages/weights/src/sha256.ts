import { createHash } from "node:crypto";
import { checkSignal } from "./check-signal.ts";
import { openRandomAccess } from "./random-access-file.ts";
import type { OnProgress } from "./tensor-source.ts";

export interface Sha256Options {
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** SHA-256 of a file as 64 lower-case hexadecimal digits. @throws `not-found`, `unavailable`, `cancelled`. */
export async function sha256(file: string, { onProgress, signal }: Sha256Options = {}): Promise<string> {
  checkSignal(signal);
  const source = await openRandomAccess(file);
  try {
    const hash = createHash("sha256");
    let done = 0;
    for await (const chunk of source.chunks(0, source.size, signal)) {
      hash.update(chunk);
      done += chunk.length;
      onProgress?.({ done, total: source.size });
    }
    return hash.digest("hex");
  } finally {
    await source.close();
  }
}
