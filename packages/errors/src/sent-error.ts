import { type ErrorCode, isProsoponError, ProsoponError } from "./prosopon-error.ts";

/** An error as data: classes do not survive the way between processes. `cause` is its stack over there. */
export interface SentError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly mend?: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly cause: string;
}

/** What is no `ProsoponError` becomes `internal`. */
export function sendableError(error: unknown): SentError {
  if (!isProsoponError(error)) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    return { code: "internal", message, values: {}, cause: stack ?? message };
  }
  const { code, message, mend, values } = error;
  return {
    code,
    message: mend === undefined ? message : message.slice(0, -mend.length - 1),
    ...(mend === undefined ? {} : { mend }),
    values: JSON.parse(JSON.stringify(values, (_, value) => (typeof value === "bigint" ? String(value) : value))),
    cause: error.stack ?? message,
  };
}

/** The error again, whose cause is the text of its first stack. */
export const receivedError = ({ code, message, ...rest }: SentError): ProsoponError =>
  new ProsoponError(code, message, rest);
