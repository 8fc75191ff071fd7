import type { Interruption } from "./resume-stream.ts";

/**
 * The bytes of an answer as they are asked for: the network waits for the reader. A body that breaks, or says nothing for `idleMs`
 * (a connection that is open on one side only looks like that), ends with an `Interruption`.
 */
export async function* bodyChunks(
  body: ReadableStream<Uint8Array>,
  { idleMs }: { readonly idleMs: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader();
  try {
    while (true) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let chunk: ReadableStreamReadResult<Uint8Array>;
      const silence = new Promise<never>((_, reject) => {
        const why: Interruption = { interruption: `nothing came for ${idleMs} ms`, wait: 0 };
        timer = setTimeout(() => reject(why), idleMs);
      });
      try {
        chunk = await Promise.race([reader.read(), silence]);
      } finally {
        clearTimeout(timer);
      }
      // A reader may take its time.
      if (chunk.done) return;
      yield chunk.value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
