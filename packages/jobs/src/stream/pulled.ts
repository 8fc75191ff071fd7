import type { Bell, Waiting } from "./bell.ts";

export interface PulledOptions<Value> {
  /** Rings when `take` may have something new. Asked once, at the first `next`. */
  readonly open: () => Bell | Promise<Bell>;
  /** The next value, `undefined` while there is none, "done" after the last. */
  readonly take: () => Value | undefined | "done" | Promise<Value | undefined | "done">;
  /** Called once, when the iterator is done or was returned; only if `open` was called. */
  readonly close?: () => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * An iterator over what comes when it comes. Unlike an async generator, whose `return()` waits behind an `await`, its `return()` settles
 * every pending `next()` at once, so a reader that leaves is never kept.
 */
export function pulled<Value>({ open, take, close, signal }: PulledOptions<Value>): AsyncIterableIterator<Value> {
  const done = { done: true, value: undefined } as const;
  const pending = new Set<() => void>();
  let finished = false;
  let opened: Promise<Bell> | undefined;
  let waiting: Waiting | undefined;
  let last: Promise<unknown> = Promise.resolve();

  function finish(): void {
    if (finished) return;
    finished = true;
    signal?.removeEventListener("abort", finish);
    waiting?.stop();
    for (const settle of pending) settle();
    pending.clear();
    if (opened) opened.then(close, () => {});
  }

  async function step(): Promise<IteratorResult<Value>> {
    if (finished) return done;
    opened ??= Promise.resolve(open());
    const changes = await opened;
    for (;;) {
      if (finished) return done;
      const { rings } = changes;
      const value = await take();
      if (value === "done") finish();
      if (finished) return done;
      if (value !== undefined) return { done: false, value: value as Value };
      waiting = changes.after(rings);
      await waiting.heard;
    }
  }

  signal?.addEventListener("abort", finish);
  return {
    next() {
      if (signal?.aborted) finish();
      if (finished) return Promise.resolve(done);
      return new Promise((resolve, reject) => {
        const settle = (): void => resolve(done);
        pending.add(settle);
        last = last.then(step).then(
          (result) => {
            pending.delete(settle);
            resolve(result);
          },
          (error: unknown) => {
            reject(error);
            finish();
          },
        );
      });
    },
    return() {
      finish();
      return Promise.resolve(done);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
