/**
 * `source` with each value mapped, or left out where `map` gives undefined. No async generator: `return()` reaches the source at once, also
 * while a `next()` waits, which a generator would hold up until it settles (that leaks a reader for every viewer who leaves).
 */
export function mapEvents<From, To>(
  source: AsyncIterator<From>,
  map: (value: From) => To | undefined,
): AsyncIterableIterator<To> {
  const done = { done: true, value: undefined } as const;
  return {
    async next() {
      while (true) {
        const step = await source.next();
        if (step.done) return done;
        const value = map(step.value);
        if (value !== undefined) return { done: false, value };
      }
    },
    async return() {
      await source.return?.();
      return done;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
