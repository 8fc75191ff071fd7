/** Chunks of sound between the parent's messages and the application that hears them. */
export interface SoundQueue extends AsyncIterable<Float32Array> {
  push(chunk: Float32Array | "end"): void;
}

/** `waits` is told when the application begins and ceases to wait for sound. */
export function soundQueue(waits: (waiting: boolean) => void): SoundQueue {
  const chunks: Float32Array[] = [];
  const waiting: ((result: IteratorResult<Float32Array>) => void)[] = [];
  const done = { done: true, value: undefined } as const;
  let ended = false;
  const end = (): void => {
    ended = true;
    if (waiting.length > 0) waits(false);
    for (const settle of waiting.splice(0)) settle(done);
  };
  return {
    push(chunk) {
      if (chunk === "end") return end();
      const settle = waiting.shift();
      if (!settle) return void chunks.push(chunk);
      if (waiting.length === 0) waits(false);
      settle({ done: false, value: chunk });
    },
    [Symbol.asyncIterator]: () => ({
      next() {
        const chunk = chunks.shift();
        if (chunk) return Promise.resolve({ done: false, value: chunk });
        if (ended) return Promise.resolve(done);
        if (waiting.length === 0) waits(true);
        return new Promise((resolve) => waiting.push(resolve));
      },
      return() {
        end();
        return Promise.resolve(done);
      },
    }),
  };
}
