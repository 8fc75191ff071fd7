import { ProsoponError } from "@prosopon/errors";

/** Why a request is turned away, as its caller sees it over HTTP, a socket or GraphQL. */
export type RefusalCode =
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "BAD_INPUT"
  | "TOO_LARGE"
  | "UNSUPPORTED"
  | "RANGE"
  | "RATE_LIMITED"
  | "QUEUE_FULL"
  | "CONFLICT"
  | "UNAVAILABLE";

const statuses: Readonly<Record<RefusalCode, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  BAD_INPUT: 400,
  TOO_LARGE: 413,
  UNSUPPORTED: 415,
  RANGE: 416,
  RATE_LIMITED: 429,
  QUEUE_FULL: 503,
  CONFLICT: 409,
  UNAVAILABLE: 503,
};

export interface RefusalDetails {
  /** Milliseconds after which it may work. */
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

/** A `ProsoponError` whose `values.refusal` is the code for the wire. Its message is meant for the caller. */
export const refusal = (
  code: RefusalCode,
  message: string,
  { retryAfter, cause }: RefusalDetails = {},
): ProsoponError =>
  new ProsoponError(code === "NOT_FOUND" ? "not-found" : statuses[code] >= 429 ? "unavailable" : "bad-input", message, {
    values: { refusal: code, ...(retryAfter === undefined ? {} : { retryAfterMilliseconds: retryAfter }) },
    cause,
  });

export const statusOf = (code: RefusalCode): number => statuses[code];
