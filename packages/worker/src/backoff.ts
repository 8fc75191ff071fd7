/** Pauses that double at each failure in a row. */
export interface Backoff {
  /** The next pause, milliseconds. */
  next(): number;
  /** After a success. */
  reset(): void;
}

export function backoff({ first, most }: { readonly first: number; readonly most: number }): Backoff {
  let failures = 0;
  return {
    next: () => Math.min(most, first * 2 ** Math.min(30, failures++)),
    reset: () => {
      failures = 0;
    },
  };
}
