import type { Job, JobEngine } from "@prosopon/jobs";
import { refusal } from "../limits/refusal.ts";

/** A job of this tenant. @throws a refusal `NOT_FOUND`, the same for another tenant's job as for none. */
export async function ownedJob(engine: JobEngine, id: string, tenant: string): Promise<Job> {
  const job = /^[A-Za-z0-9-]{1,64}$/.test(id) ? await engine.get(id) : undefined;
  if (job?.tenant === tenant) return job;
  throw refusal("NOT_FOUND", "There is no such job.");
}
