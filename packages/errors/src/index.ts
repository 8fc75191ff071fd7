export { type ErrorCode, isProsoponError, ProsoponError, type ProsoponErrorOptions } from "./prosopon-error.ts";
