import { setTimeout as sleep } from "node:timers/promises";

/** When a sample of speech was heard, milliseconds of `performance.now()`. */
export interface Paced extends AsyncIterable<Float32Array> {
  heardAt(seconds: number): number;
}

/** Speech that comes no faster than it is spoken, in pieces of 20 ms. */
export function paced(chunks: AsyncIterable<Float32Array>, sampleRate: number, signal: AbortSignal): Paced {
  const piece = Math.round(sampleRate / 50);
  let started = Number.NaN;
  return {
    heardAt: (seconds) => started + 1000 * seconds,
    async *[Symbol.asyncIterator]() {
      let sent = 0;
      for await (const chunk of chunks) {
        if (Number.isNaN(started)) started = performance.now();
        for (let at = 0; at < chunk.length; at += piece) {
          const part = chunk.slice(at, at + piece);
          sent += part.length;
          const wait = started + (1000 * sent) / sampleRate - performance.now();
          if (wait > 0) await sleep(wait, undefined, { signal });
          yield part;
        }
      }
    },
  };
}
