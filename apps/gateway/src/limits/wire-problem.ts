import { isProsoponError } from "@prosopon/errors";
import { retryAfter } from "@prosopon/jobs";
import { type RefusalCode, statusOf } from "./refusal.ts";

/** An error as it may leave the gateway. */
export interface WireProblem {
  readonly code: RefusalCode | "INTERNAL";
  readonly status: number;
  readonly message: string;
  /** Milliseconds. */
  readonly retryAfter?: number;
}

const MASKED: WireProblem = { code: "INTERNAL", status: 500, message: "Unexpected error." };

function codeOf(
  error: { readonly code: string; readonly values: Readonly<Record<string, unknown>> },
  wait?: number,
): RefusalCode | undefined {
  const own = error.values["refusal"];
  if (typeof own === "string") return own as RefusalCode;
  if (error.code === "bad-input" || error.code === "bad-file") return "BAD_INPUT";
  if (error.code === "not-found") return "NOT_FOUND";
  // A file could not be kept: the disk is full.
  if (error.code === "output") return "UNAVAILABLE";
  if (error.code === "unavailable") return wait === undefined ? "UNAVAILABLE" : "QUEUE_FULL";
  return undefined;
}

/**
 * What the caller may know of `error`: our own refusals word for word; of everything else only that it happened, since a message may
 * name a path, a host or somebody's words.
 */
export function wireProblem(error: unknown): WireProblem {
  if (!isProsoponError(error)) return MASKED;
  const wait = retryAfter(error);
  const code = codeOf(error, wait);
  if (!code) return MASKED;
  // An engine that is away tells hosts and ports in its message.
  const message =
    code === "UNAVAILABLE" && !error.values["refusal"]
      ? "The service is not available now. Try again later."
      : error.message;
  return { code, status: statusOf(code), message, ...(wait === undefined ? {} : { retryAfter: wait }) };
}
