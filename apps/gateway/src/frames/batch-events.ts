export interface BatchOptions {
  /** Most values in a batch. */
  readonly most: number;
  /** How long a batch that has begun waits for more, milliseconds. */
  readonly wait: number;
}

/** Values of `source` in groups: full, or whatever came within `wait` of the first. Pull-based; `return()` settles a waiting `next()`. */
export function batchEvents<Value>(
  source: AsyncIterator<Value>,
  { most, wait }: BatchOptions,
): AsyncIterableIterator<readonly Value[]> {
  const done = { done: true, value: undefined } as const;
  const late = Symbol("late");
  /** A step that was asked for when the last batch had waited long enough. */
  let pending: Promise<IteratorResult<Value>> | undefined;
  let over = false;
  return {
    async next() {
      if (over) return done;
      const batch: Value[] = [];
      let timer: NodeJS.Timeout | undefined;
      let lateness: Promise<typeof late> | undefined;
      try {
        while (batch.length < most) {
          pending ??= source.next();
          const step = await (lateness ? Promise.race([pending, lateness]) : pending);
          if (step === late) break;
          pending = undefined;
          if (step.done) {
            over = true;
            break;
          }
          batch.push(step.value);
          lateness ??= new Promise((resolve) => {
            timer = setTimeout(resolve, wait, late);
          });
        }
      } finally {
        clearTimeout(timer);
      }
      return batch.length > 0 ? { done: false, value: batch } : done;
    },
    async return() {
      over = true;
      // A step that nobody will take must not become an unhandled rejection.
      pending?.catch(() => {});
      await source.return?.();
      return done;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
