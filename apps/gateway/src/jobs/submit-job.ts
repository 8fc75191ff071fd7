import type { Application, Job } from "@prosopon/jobs";
import type { Principal } from "../auth/principal.ts";
import { fieldsOf } from "../graphql/field-kind.ts";
import { refusal } from "../limits/refusal.ts";
import { inSpan, traceHere } from "../observe/span.ts";
import type { Services } from "../services.ts";
import { jobInput } from "./job-input.ts";

export interface SubmitJobOptions {
  readonly application: Application;
  readonly input: Readonly<Record<string, unknown>>;
  readonly idempotencyKey: string;
  readonly principal: Principal;
  readonly requestId: string;
}

/** @throws refusals of `jobInput`, `RATE_LIMITED`, `FORBIDDEN` without consent where it is asked for, and the engine's when the queue is full. */
export const submitJob = (
  { engine, blobs, quotas, metrics, tell }: Services,
  { application, input: given, idempotencyKey, principal: { tenant }, requestId }: SubmitJobOptions,
): Promise<Job> =>
  inSpan("prosopon.submit", { "prosopon.application": application.name }, async () => {
    if (!/^[\x20-\x7e]{1,128}$/.test(idempotencyKey))
      throw refusal("BAD_INPUT", "idempotencyKey must be 1 to 128 printable ASCII characters, such as a UUID.");
    await quotas.take("jobs", tenant);
    const { input, picture } = await jobInput(given, { application, blobs, tenant });
    // An application that asks for consent gets no uploaded picture without it.
    if (picture && "consent" in fieldsOf(application.input) && input["consent"] !== true)
      throw refusal("FORBIDDEN", "A picture is used: say with consent: true that the person in it has agreed.");
    const job = await engine.submit(
      { application: application.name, input, tenant, ...(application.needs ? { needs: application.needs } : {}) },
      { idempotencyKey, ...traceHere() },
    );
    metrics.jobs.inc({ application: application.name });
    const reason = picture ? (input["consent"] === true ? "picture, consent given" : "picture") : "no picture";
    tell("info", "job", { tenant, job: job.id, application: application.name, request: requestId, reason });
    return job;
  });
