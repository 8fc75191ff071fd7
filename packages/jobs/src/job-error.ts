import { isProsoponError } from "@prosopon/errors";
import type { JobError } from "./job.ts";

/** What a tenant is told of an error: the message of our own errors; of others, which may name paths, only that there was one. */
export const jobError = (error: unknown): JobError =>
  isProsoponError(error)
    ? { code: error.code, message: error.message }
    : { code: "internal", message: "The worker failed unexpectedly." };
