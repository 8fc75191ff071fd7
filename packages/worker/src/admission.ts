/** What a run asks for before it may begin. */
export interface Admission {
  readonly megabytes: number;
  /** Nothing else may run beside it. */
  readonly alone: boolean;
}

export interface Gate {
  /** Waits for room, in order of asking. @returns how to leave. Rejects with the signal's reason. */
  enter(admission: Admission, signal: AbortSignal): Promise<() => void>;
}

/** Keeps the runs of one device within its memory, and suspects to themselves. */
export function gate(megabytes: number): Gate {
  let inside = 0;
  let used = 0;
  let closed = false;
  const waiting: { readonly admission: Admission; readonly admit: () => void }[] = [];

  const fits = ({ megabytes: needed, alone }: Admission): boolean =>
    inside === 0 || (!alone && !closed && used + needed <= megabytes);

  function advance(): void {
    for (let first = waiting[0]; first && fits(first.admission); first = waiting[0]) {
      waiting.shift();
      inside++;
      used += first.admission.megabytes;
      closed = first.admission.alone;
      first.admit();
    }
  }

  return {
    enter(admission, signal) {
      return new Promise((resolve, reject) => {
        const refuse = (): void => {
          const at = waiting.indexOf(entry);
          if (at < 0) return;
          waiting.splice(at, 1);
          reject(signal.reason);
          advance();
        };
        const entry = {
          admission,
          admit() {
            signal.removeEventListener("abort", refuse);
            let left = false;
            resolve(() => {
              if (left) return;
              left = true;
              inside--;
              used -= admission.megabytes;
              if (admission.alone) closed = false;
              advance();
            });
          },
        };
        if (signal.aborted) return reject(signal.reason);
        signal.addEventListener("abort", refuse);
        waiting.push(entry);
        advance();
      });
    },
  };
}
