import type { Cursor } from "./cursor.ts";
import type { FrameEvent, NewFrame } from "./frame-event.ts";
import type { ArtifactReference, EndReason, JobError } from "./job.ts";

/**
 * `ok`: stored. `duplicate`: frames up to this one are stored already, after a resumption from a checkpoint; nothing was written.
 * `fenced`: a later attempt owns the stream or it has ended; stop at once. `cancelled`: stop, then `end` with `cancelled`.
 */
export type AppendResult = "ok" | "duplicate" | "fenced" | "cancelled";

export interface ReadOptions {
  /** Gives what comes strictly after it; the present epoch from its start if not given. */
  readonly after?: Cursor;
  /** `reliable` (default) gives every frame. `live` goes to the newest frame when more than `lag` frames behind, and says so with a gap. */
  readonly delivery?: "reliable" | "live";
  /** For `live`, frames; default 5. */
  readonly lag?: number;
  /** Ends the iterator without an event or error. */
  readonly signal?: AbortSignal;
}

/** What an attempt goes on from. */
export interface StreamStart {
  readonly epoch: number;
  /** The last frame in the log; 0 for none. */
  readonly lastSeq: number;
  /** The state to resume from, made with frame `seq`. Frames after it that are in the log already are answered `duplicate`. */
  readonly checkpoint?: Checkpoint;
}

/** What an application needs to go on after frame `seq`. */
export interface Checkpoint {
  readonly epoch: number;
  readonly seq: number;
  readonly state: Uint8Array;
}

export interface StreamEnding {
  readonly reason: EndReason;
  readonly artifact?: ArtifactReference;
  readonly error?: JobError;
}

/** Kept by every log, for each job. What a limit took is reported to readers as a gap, never passed over. */
export interface Retention {
  /** Newest frames kept; default 15,000 (10 minutes at 25 fps). */
  readonly frames?: number;
  /** Newest bytes kept; default 256 MiB. */
  readonly bytes?: number;
  /** How long frames stay after the end, milliseconds; default 10 minutes. The job's record and artifact stay. */
  readonly afterEndMilliseconds?: number;
}

/**
 * The frames of jobs: append-only, read by cursor. Every write carries the fence of its attempt and is checked against it in the same atomic
 * step, so a worker that was given up can write nothing, whatever it sends. All methods throw `not-found` for an unknown job.
 */
export interface FrameLog {
  /**
   * Begins an attempt: keeps the epoch where a checkpoint can be resumed or nothing was written; otherwise a new epoch, which readers see as a reset.
   * @returns "fenced" or "cancelled" instead, as `append` does.
   */
  start(job: string, fence: number): Promise<StreamStart | "fenced" | "cancelled">;
  /** @throws `bad-input` when `seq` is not the next one: frames before it were lost or never sent. */
  append(job: string, fence: number, seq: number, frame: NewFrame): Promise<AppendResult>;
  /** Keeps the newest state only. `seq` must be in the log. */
  checkpoint(job: string, fence: number, seq: number, state: Uint8Array): Promise<"ok" | "fenced" | "cancelled">;
  latest(job: string): Promise<Checkpoint | undefined>;
  /** Writes the end at lastSeq + 1 and gives the job its last state, in one step. A job whose cancellation was asked for ends `cancelled`. */
  end(job: string, fence: number, ending: StreamEnding): Promise<"ok" | "fenced">;
  /**
   * Pulls events by cursor: a reader that does not ask costs nothing. `return()` settles a `next()` that waits. The iterator is done after the end event.
   * Any number of readers of one job share one tail.
   */
  read(job: string, options?: ReadOptions): AsyncIterableIterator<FrameEvent>;
  /** The place of the last event. */
  head(job: string): Promise<Cursor>;
  /** Deletes frames and checkpoint. Readers get a gap for what they have missed. */
  purge(job: string): Promise<void>;
}
