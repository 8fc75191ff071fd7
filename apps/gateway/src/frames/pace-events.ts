import type { FrameEvent } from "@prosopon/jobs";

/**
 * Holds a stream to `bytesPerSecond` on average, after a first second at full speed (token bucket): the reader's next event comes later, and the log, which is
 * pulled, keeps what waits. `return()` settles a `next()` that waits.
 */
export function paceEvents(
  source: AsyncIterator<FrameEvent>,
  bytesPerSecond: number,
): AsyncIterableIterator<FrameEvent> {
  const done = { done: true, value: undefined } as const;
  let tokens = bytesPerSecond;
  let at = performance.now();
  let over = false;
  let wake = (): void => {};
  return {
    async next() {
      const now = performance.now();
      tokens = Math.min(bytesPerSecond, tokens + ((now - at) * bytesPerSecond) / 1000);
      at = now;
      if (tokens < 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, (-tokens / bytesPerSecond) * 1000);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      if (over) return done;
      const step = await source.next();
      if (!step.done && step.value.event === "frame") tokens -= step.value.bytes.length;
      return step.done ? done : step;
    },
    async return() {
      over = true;
      wake();
      await source.return?.();
      return done;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
