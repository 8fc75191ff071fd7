/** A value that JSON can hold. Files are given as `{ upload: id }`, the id of a blob of the same tenant. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A file in a job's input: what `BlobStore.put` named. */
export interface UploadReference {
  readonly upload: string;
}

/** What a worker must have to take a job. */
export interface Needs {
  /** Devices that will do, best first; any if not given. */
  readonly devices?: readonly string[];
  /** Device memory that the run takes, megabytes (10^6 bytes). */
  readonly megabytes?: number;
}

/** Where a job's spans belong: the headers of W3C Trace Context, as OpenTelemetry's propagators write and read them. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** What is to be run, for whom. */
export interface JobSpecification {
  /** An application's name. */
  readonly application: string;
  /** Went through the application's schema at the gateway; files are upload references. */
  readonly input: { readonly [field: string]: Json };
  /** Whose job it is: `[A-Za-z0-9._-]`, 1 to 64 characters. */
  readonly tenant: string;
  readonly needs?: Needs;
}

/** `queued` waits for a worker (also after a lost attempt); the last four are ends. */
export type JobState = "queued" | "running" | EndReason;

/** `expired`: no worker took it in time. */
export type EndReason = "completed" | "failed" | "cancelled" | "expired";

/** Why a job failed, as it may be shown to its tenant. */
export interface JobError {
  /** An `ErrorCode` of `@prosopon/errors`. */
  readonly code: string;
  readonly message: string;
}

/** A finished file in the blob store. */
export interface ArtifactReference {
  /** Its id in the blob store. */
  readonly blob: string;
  readonly name: string;
  readonly mime: string;
  /** Bytes. */
  readonly size: number;
  readonly table?: { readonly [key: string]: Json };
}

export interface JobProgress {
  readonly label: string;
  readonly done: number;
  readonly total?: number;
}

/** A job as it stands. A plain value: a new one for each change. */
export interface Job extends JobSpecification {
  /** `[A-Za-z0-9-]`, unique over all tenants. */
  readonly id: string;
  /** 0 to 9, higher first. */
  readonly priority: number;
  readonly trace?: TraceContext;
  readonly state: JobState;
  /** Someone asked for its cancellation; the end follows within a frame. */
  readonly cancelling: boolean;
  /** How often a worker took it: the fence of the present attempt. 0 before the first. */
  readonly fence: number;
  /** How many attempts were lost (crash, hang, lost lock). What was handed back in good order is not counted. */
  readonly lost: number;
  /** Of the stream, from 1. */
  readonly epoch: number;
  /** The stream's last frame in this epoch; 0 before the first. */
  readonly lastSeq: number;
  /** Unix time, milliseconds. */
  readonly submittedAt: number;
  /** When the first attempt began. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Where it runs or last ran. */
  readonly device?: string;
  readonly progress?: JobProgress;
  readonly artifact?: ArtifactReference;
  readonly error?: JobError;
}

/** True for the four states that a job never leaves. */
export const isEnded = (state: JobState): state is EndReason => state !== "queued" && state !== "running";
