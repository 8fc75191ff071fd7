/** Tells waiters that something changed. Waiting from a counted ring on loses none that came in between. */
export interface Bell {
  /** How often it has rung. */
  readonly rings: number;
  ring(): void;
  /** Resolves once it has rung more than `rings` times. */
  after(rings: number): Waiting;
}

/** A wait that can be given up, which settles it. */
export interface Waiting {
  readonly heard: Promise<void>;
  stop(): void;
}

export function bell(): Bell {
  let rings = 0;
  const waiting = new Set<() => void>();
  return {
    get rings() {
      return rings;
    },
    ring() {
      rings++;
      for (const wake of waiting) wake();
      waiting.clear();
    },
    after(count) {
      if (rings > count) return { heard: Promise.resolve(), stop() {} };
      let stop = (): void => {};
      const heard = new Promise<void>((resolve) => {
        waiting.add(resolve);
        stop = () => {
          waiting.delete(resolve);
          resolve();
        };
      });
      return { heard, stop };
    },
  };
}
