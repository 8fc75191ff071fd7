import type { Cursor } from "./cursor.ts";
import type { ArtifactReference, EndReason, JobError } from "./job.ts";

/** What a stream gives, in the order of its cursors. After each event `cursor` is the place to go on from. */
export type FrameEvent = Frame | StreamGap | StreamReset | StreamEnd;

/** A frame as a worker hands it to the log. */
export interface NewFrame {
  readonly bytes: Uint8Array;
  readonly mime: string;
  /** When it is shown and for how long, seconds. */
  readonly pts: number;
  readonly duration: number;
  readonly width: number;
  readonly height: number;
}

/** One encoded picture. `cursor.seq` is its application's `index` + 1. */
export interface Frame extends NewFrame {
  readonly event: "frame";
  readonly cursor: Cursor;
}

/** Frames `from` to `to` (both included) of this epoch will not come. `cursor.seq` is `to`. */
export interface StreamGap {
  readonly event: "gap";
  readonly cursor: Cursor;
  readonly from: number;
  readonly to: number;
  /** `retention`: the log no longer has them. `slow-consumer`: a live reader was too far behind. */
  readonly reason: "retention" | "slow-consumer";
}

/** The stream is made again from its start: what was received of older epochs is void. `cursor` is { epoch, seq: 0 }. */
export interface StreamReset {
  readonly event: "reset";
  readonly cursor: Cursor;
  readonly reason: string;
}

/** The last event. Its cursor is { epoch, seq: lastSeq + 1 }; a stream that stops without it was cut and is to be read on. */
export interface StreamEnd {
  readonly event: "end";
  readonly cursor: Cursor;
  readonly reason: EndReason;
  readonly lastSeq: number;
  /** Of `completed`. */
  readonly artifact?: ArtifactReference;
  /** Of `failed`. */
  readonly error?: JobError;
}
