import { type ErrorCode, isProsoponError, ProsoponError } from "@prosopon/errors";
import type { ApplicationEvent, Artifact, BlobRecord, Job, Needs, TraceContext } from "@prosopon/jobs";

/** What one run is given. Sent by structured clone: files travel as bytes. */
export interface RunOrder {
  readonly job: Job;
  /** The attempt's span. */
  readonly trace?: TraceContext;
  /** The files that the input refers to. */
  readonly files: readonly { readonly record: BlobRecord; readonly bytes: Uint8Array }[];
  readonly folder: string;
  readonly resume?: { readonly index: number; readonly state: Uint8Array };
}

/** What a child can run. */
export interface ChildApplication {
  readonly name: string;
  readonly output: "image" | "frames" | "table";
  readonly needs?: Needs;
}

/** An error that survives being sent. */
export interface SentError {
  readonly code: ErrorCode;
  readonly message: string;
}

export type ToChild =
  | { readonly word: "run"; readonly run: number; readonly order: RunOrder }
  | { readonly word: "cancel"; readonly run: number }
  /** One more frame may be sent. */
  | { readonly word: "stored"; readonly run: number }
  | { readonly word: "sound"; readonly run: number; readonly chunk: Float32Array | "end" }
  | { readonly word: "close" };

export type FromChild =
  | { readonly word: "ready"; readonly applications: readonly ChildApplication[] }
  | { readonly word: "setup-failed"; readonly error: SentError }
  | { readonly word: "event"; readonly run: number; readonly event: ApplicationEvent; readonly milliseconds: number }
  /** Whether the run waits for sound, which excuses it from the deadline. */
  | { readonly word: "listening"; readonly run: number; readonly waiting: boolean }
  | { readonly word: "done"; readonly run: number; readonly artifact: Artifact }
  | { readonly word: "failed"; readonly run: number; readonly error: SentError };

/** Frames that a child may send before they are stored: it stays ahead by no more. */
export const framesAhead = 8;

/** Messages of our own errors are fit to be shown; others may name paths and stay here. */
export const sentError = (error: unknown): SentError =>
  isProsoponError(error)
    ? { code: error.code, message: error.message }
    : { code: "internal", message: "The application failed unexpectedly." };

export const receivedError = ({ code, message }: SentError): ProsoponError => new ProsoponError(code, message);
