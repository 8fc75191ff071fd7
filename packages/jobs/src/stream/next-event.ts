import type { Cursor } from "../cursor.ts";
import type { Frame, FrameEvent, StreamEnd } from "../frame-event.ts";

/** A stream as it stands. */
export interface StreamView {
  readonly epoch: number;
  /** The oldest frame kept; lastSeq + 1 if there is none. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly end?: StreamEnd | undefined;
}

/**
 * What a reader at `cursor` gets next; a number is the frame to fetch, undefined means to wait. The end is given to every reader that
 * asks, also to one whose cursor is past it: a log that lost its tail with the power must not keep one waiting.
 */
export function nextEvent(
  view: StreamView,
  cursor: Cursor,
  lag: number | undefined,
): Exclude<FrameEvent, Frame> | number | undefined {
  const { epoch, firstSeq, lastSeq } = view;
  if (cursor.epoch < epoch)
    return { event: "reset", cursor: { epoch, seq: 0 }, reason: "The frames are made again after a lost attempt." };
  if (cursor.epoch === epoch && cursor.seq < lastSeq) {
    const from = cursor.seq + 1;
    const gap = (to: number, reason: "retention" | "slow-consumer") =>
      ({ event: "gap", cursor: { epoch, seq: to }, from, to, reason }) as const;
    if (from < firstSeq) return gap(firstSeq - 1, "retention");
    if (lag !== undefined && lastSeq - cursor.seq > lag) return gap(lastSeq - 1, "slow-consumer");
    return from;
  }
  return view.end;
}
