export interface BackoffOptions {
  /** First wait in milliseconds; default 200. */
  readonly first?: number;
  /** Longest wait in milliseconds; default 5000. */
  readonly most?: number;
  /** Attempts in a row without any event before giving up; default 12 (about 40 seconds). */
  readonly attempts?: number;
}

/** Milliseconds before attempt `failures` + 1: doubles up to `most`, each between half and the whole of it at random. */
export function backoff(failures: number, { first = 200, most = 5000 }: BackoffOptions = {}): number {
  const whole = Math.min(most, first * 2 ** Math.min(failures - 1, 30));
  return whole * (0.5 + Math.random() / 2);
}

/** Resolves after `milliseconds`; rejects with the signal's reason when it fires first. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}
