import { ProsoponError } from "@prosopon/errors";
import * as z from "zod";
import type { JobSpecification } from "./job.ts";
import type { SubmitOptions } from "./job-engine.ts";

const name = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, "must be lower case letters, digits and hyphens");

export const tenantSchema = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, "must be 1 to 64 of A-Z a-z 0-9 . _ -");

const specificationSchema = z.strictObject({
  application: name,
  input: z.record(z.string(), z.json()),
  tenant: tenantSchema,
  needs: z
    .strictObject({
      devices: z.array(name).min(1).max(16).optional(),
      megabytes: z.number().int().positive().max(10_000_000).optional(),
    })
    .optional(),
});

const optionsSchema = z.strictObject({
  idempotencyKey: z
    .string()
    .regex(/^[!-~]{1,128}$/, "must be 1 to 128 printable characters")
    .optional(),
  priority: z.int().min(0).max(9).optional(),
  trace: z
    .strictObject({
      traceparent: z
        .string()
        .regex(/^[0-9a-f]{2}(-[0-9a-f]+){3}$/)
        .max(128),
      tracestate: z.string().max(512).optional(),
    })
    .optional(),
});

/** Longest input as JSON text; larger values are files. */
const longest = 256 * 1024;

/** Refuses what cannot be queued. @returns the specification as text that is the same for the same job. @throws `bad-input`. */
export function checkSpecification(specification: JobSpecification, options: SubmitOptions = {}): string {
  for (const [schema, value] of [
    [specificationSchema, specification],
    [optionsSchema, options],
  ] as const) {
    const parsed = schema.safeParse(value);
    if (parsed.success) continue;
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new ProsoponError("bad-input", `This job cannot be queued: ${problems.join("; ")}.`, {
      values: { problems },
    });
  }
  const text = JSON.stringify(sorted(specification));
  if (text.length > longest)
    throw new ProsoponError("bad-input", `The input is ${text.length} characters of JSON.`, {
      values: { length: text.length },
      mend: `At most ${longest}: give large values as files.`,
    });
  return text;
}

/** The refusal of an idempotency key that was used for something else. */
export const keyConflict = (idempotencyKey: string, job: string): ProsoponError =>
  new ProsoponError("bad-input", `The idempotency key "${idempotencyKey}" was used for another job.`, {
    values: { idempotencyKey, job },
    mend: "Use a new key for each new job.",
  });

/** Refuses sound that is no chunk. @throws `bad-input`. */
export function checkChunk(chunk: Float32Array | "end"): void {
  if (chunk === "end") return;
  const fits = chunk instanceof Float32Array && chunk.length > 0 && chunk.length <= 16_000;
  if (!fits || !chunk.every(Number.isFinite))
    throw new ProsoponError("bad-input", "This is no chunk of sound.", {
      values: { samples: chunk?.length },
      mend: 'A chunk is a Float32Array of 1 to 16,000 finite samples (16 kHz, mono), or "end".',
    });
}

/** Keys in order, so that equal values have equal text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}
