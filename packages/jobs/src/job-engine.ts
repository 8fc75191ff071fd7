import type { Job, JobProgress, JobSpecification, TraceContext } from "./job.ts";

export interface SubmitOptions {
  /** 1 to 128 printable characters, of this tenant. The same key with the same specification gives the same job again. */
  readonly idempotencyKey?: string;
  /** 0 to 9, higher first; default 5. */
  readonly priority?: number;
  /** Goes with the job to all that work on it. No part of what makes two submissions the same. */
  readonly trace?: TraceContext;
}

export interface ListOptions {
  readonly tenant: string;
  /** How many, 1 to 100; default 20. */
  readonly first?: number;
  /** A job's id: what was submitted before it. */
  readonly after?: string;
}

/** What one child can take. */
export interface Capabilities {
  /** Names of applications. */
  readonly applications: readonly string[];
  readonly device: string;
  /** Free device memory for runs, megabytes; jobs that need more are not offered. No limit if not given. */
  readonly megabytes?: number;
}

/** A job in the hands of a worker. The engine renews its lock until the handler is done. */
export interface Claim {
  readonly job: Job;
  /** Goes with every write to the log. */
  readonly fence: number;
  /** Fires with a ProsoponError: `cancelled` when the job is to be cancelled, `crashed` when the lock is lost and another may have the job. */
  readonly signal: AbortSignal;
  /** Sound that was fed, from its first kept chunk, until the feeder ended it. Its `return()` settles a `next()` that waits. */
  readonly live: AsyncIterable<Float32Array>;
  /** Ignored when this attempt no longer owns the job. */
  progress(progress: JobProgress): Promise<void>;
}

/**
 * `ended`: `log.end` was called or answered `fenced`. `hand-back`: another worker is to go on; not counted as lost. A rejection is a lost
 * attempt: the job is queued again, after the `maxAttempts`-th it ends `failed` with the last error.
 */
export type ClaimOutcome = "ended" | "hand-back";

export interface WorkOptions {
  readonly capabilities: Capabilities;
  /** Claims at a time. */
  readonly slots: number;
  readonly handler: (claim: Claim) => Promise<ClaimOutcome>;
  /** Told of trouble with the engine itself, such as a lost connection; the work goes on. */
  readonly onError?: (error: Error) => void;
}

/** Stops claiming; resolves when the last handler is done. */
export type Stop = () => Promise<void>;

/** Bounds of an engine. */
export interface EngineLimits {
  /** Jobs of one tenant that wait, default 100. One more is refused with a hint. */
  readonly queuedPerTenant?: number;
  /** Jobs of one tenant that have not ended, default 200. */
  readonly openPerTenant?: number;
  /** Lost attempts until a job fails, default 3. */
  readonly maxAttempts?: number;
  /** How long a job may wait for its first worker, milliseconds; default one hour. Then it ends `expired`. */
  readonly queueMilliseconds?: number;
  /** How long an ended job is kept, milliseconds; default one day. */
  readonly recordMilliseconds?: number;
  /** Seconds of fed sound kept, default 120. */
  readonly liveSeconds?: number;
}

/** `full`: more sound than is kept without being heard; wait and send it again. `closed`: it was ended, or the job has. */
export type FeedResult = "ok" | "full" | "closed";

/** Jobs: who submitted what, who works on it, how it ended. Frames are in the `FrameLog` beside it. */
export interface JobEngine extends AsyncDisposable {
  /**
   * @throws `bad-input` for a malformed specification and for an idempotency key that was used with another one;
   * `unavailable` when the tenant's queue is full: `retryAfter(error)` tells how many milliseconds to wait.
   */
  submit(specification: JobSpecification, options?: SubmitOptions): Promise<Job>;
  get(id: string): Promise<Job | undefined>;
  /** Newest first. */
  list(options: ListOptions): Promise<readonly Job[]>;
  /**
   * A queued job ends `cancelled` at once, a running one when its worker's next write is refused; an ended one stays as it is.
   * @throws `not-found`.
   */
  cancel(id: string): Promise<Job>;
  /** The job as it is, then after each change (changes may be merged), until it has ended. `return()` settles a `next()` that waits. @throws `not-found` at the first `next()`. */
  watch(id: string, options?: { readonly signal?: AbortSignal }): AsyncIterableIterator<Job>;
  /** Cancels, then forgets the job and its frames. The blobs are the caller's. Nothing if it is unknown. */
  remove(id: string): Promise<void>;
  /** Sound for a job that listens: float32 16 kHz mono, at most a second a chunk; or its end. @throws `not-found`. */
  feed(id: string, chunk: Float32Array | "end"): Promise<FeedResult>;
  /** Takes jobs that fit the capabilities, best priority first. */
  work(options: WorkOptions): Promise<Stop>;
  /** How many jobs wait that a worker with these capabilities would take; all if not given. */
  queued(capabilities?: Capabilities): Promise<number>;
  /** Rejects with `unavailable` when the engine cannot be reached. For readiness checks. */
  check(): Promise<void>;
}
