export { type ErrorCode, isProsoponError, ProsoponError, type ProsoponErrorOptions } from "./prosopon-error.ts";
export { receivedError, type SentError, sendableError } from "./sent-error.ts";
