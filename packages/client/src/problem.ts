import { type ErrorCode, ProsoponError } from "@prosopon/errors";
import type { Interruption } from "./resume-stream.ts";

interface WireProblem {
  readonly message: string;
  readonly extensions?: { readonly code?: unknown; readonly retryAfterMs?: unknown };
}

/** Refusals that another attempt may mend. */
const passing: readonly unknown[] = ["RATE_LIMITED", "QUEUE_FULL", "UNAVAILABLE", "INTERNAL", "INTERNAL_SERVER_ERROR"];

/** Error codes of the gateway that have a code of ours; others are the caller's input. */
const codes: Readonly<Record<string, ErrorCode>> = {
  NOT_FOUND: "not-found",
  UNAVAILABLE: "unavailable",
  RATE_LIMITED: "unavailable",
  QUEUE_FULL: "unavailable",
  INTERNAL_SERVER_ERROR: "internal",
  INTERNAL: "internal",
  CANCELLED: "cancelled",
};
const own: readonly string[] = [
  "bad-input",
  "bad-file",
  "not-found",
  "unavailable",
  "cancelled",
  "crashed",
  "internal",
];

/** The first of a GraphQL answer's errors as one of ours. */
export function problemOf(errors: readonly WireProblem[]): ProsoponError {
  const code = String(errors[0]?.extensions?.code ?? "");
  const plain = code.toLowerCase().replaceAll("_", "-");
  const ours = codes[code] ?? (own.includes(plain) ? (plain as ErrorCode) : "bad-input");
  const message = errors.map((error) => error.message).join(" ");
  return new ProsoponError(ours, message || "The gateway refused without saying why.", { values: { code } });
}

/** What the errors of a subscription mean for its stream: an `Interruption` where another attempt may mend it. */
export function streamProblemOf(errors: readonly WireProblem[]): ProsoponError | Interruption {
  const { message, extensions: { code, retryAfterMs } = {} } = errors[0] ?? { message: "the gateway refused" };
  if (!passing.includes(code)) return problemOf(errors);
  return typeof retryAfterMs === "number"
    ? { interruption: message, wait: retryAfterMs + 1 }
    : { interruption: message };
}

/**
 * What an HTTP answer that is no success means for a stream: an `Interruption` if another attempt may mend it (overload, a gateway
 * that restarts), else a `ProsoponError`.
 */
export function refusalOf(status: number, text: string, retryAfter: string | null): ProsoponError | Interruption {
  const said = saidIn(text);
  if (status === 401 || status === 403) {
    return new ProsoponError("bad-input", `The gateway refuses this caller: ${said || status}.`, {
      values: { status },
      mend: "Give a valid `token` to connect.",
    });
  }
  if (status === 404 || status === 410) {
    return new ProsoponError("not-found", said || "The gateway does not know this.", { values: { status } });
  }
  if (status === 408 || status === 429 || status >= 500) {
    const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
    const interruption = `the gateway answers ${status}${said && ` (${said})`}`;
    return seconds >= 0 ? { interruption, wait: Math.min(seconds, 60) * 1000 + 1 } : { interruption };
  }
  return new ProsoponError("bad-input", said || `The gateway answers ${status}.`, { values: { status } });
}

/** The message of an error body: JSON as GraphQL has it, `{ error }`, or plain text. */
function saidIn(text: string): string {
  try {
    const body = JSON.parse(text) as { errors?: WireProblem[]; error?: unknown; message?: unknown };
    const found = body.errors?.[0]?.message ?? body.error ?? body.message;
    return typeof found === "string" ? found : "";
  } catch {
    return /^[^<]{1,200}$/.test(text) ? text.trim() : "";
  }
}
