import type { StreamEvent } from "../stream-event.ts";

/** What goes wrong on the way, each as a probability for one event. */
export interface Faults {
  readonly seed: number;
  /** The connection is cut, in the middle of a record where the transport has records. */
  readonly cut?: number;
  /** An event that went out before is sent again. */
  readonly repeat?: number;
  /** An event is held back and follows its successor. */
  readonly swap?: number;
  /** The connection ends in good order, without an end event. */
  readonly complete?: number;
}

export type FaultyEvent = { readonly event: StreamEvent } | { readonly cut: true } | { readonly complete: true };

/** A small generator of numbers in [0, 1) (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The events as a bad network would deliver them; `random` goes on over connections. */
export async function* wireFaults(
  events: AsyncIterable<StreamEvent>,
  faults: Faults | undefined,
  random: () => number,
): AsyncGenerator<FaultyEvent, void, undefined> {
  const sent: StreamEvent[] = [];
  let held: StreamEvent | undefined;
  for await (const event of events) {
    if (faults && random() < (faults.cut ?? 0)) return yield { cut: true };
    if (faults && random() < (faults.complete ?? 0)) return yield { complete: true };
    if (faults && random() < (faults.repeat ?? 0) && sent.length > 0) {
      yield { event: sent[Math.floor(random() * sent.length)]! };
    }
    if (faults && !held && event.type === "frame" && random() < (faults.swap ?? 0)) {
      held = event;
      continue;
    }
    yield { event };
    sent.push(event);
    if (held) {
      yield { event: held };
      held = undefined;
    }
  }
}
