/**
 * What went wrong, as data:
 * `bad-input` the caller's value is wrong; `bad-file` a file's content is; `bad-graph` a graph cannot be built, inferred or
 * differentiated; `not-found` a named thing is absent; `unavailable` a device, tool or model is missing here; `cancelled` the
 * caller's signal fired; `crashed` a child process died; `output` a result could not be written; `internal` our own fault.
 */
export type ErrorCode =
  | "bad-input"
  | "bad-file"
  | "bad-graph"
  | "not-found"
  | "unavailable"
  | "cancelled"
  | "crashed"
  | "output"
  | "internal";

export interface ProsoponErrorOptions {
  /** The offending values, by name. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** What the reader can do about it, one sentence. */
  readonly mend?: string;
  readonly cause?: unknown;
}

/** The only error class that Prosopon throws. Its `code` survives structured clone where a subclass would not. */
export class ProsoponError extends Error {
  readonly code: ErrorCode;
  readonly values: Readonly<Record<string, unknown>>;
  readonly mend: string | undefined;

  constructor(code: ErrorCode, message: string, options: ProsoponErrorOptions = {}) {
    super(
      options.mend ? `${message} ${options.mend}` : message,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.name = "ProsoponError";
    this.code = code;
    this.values = options.values ?? {};
    this.mend = options.mend;
  }
}

/** True for a `ProsoponError`, also one from another copy of this package. */
export function isProsoponError(error: unknown): error is ProsoponError {
  return error instanceof Error && error.name === "ProsoponError" && typeof (error as ProsoponError).code === "string";
}
