import type { Job, Json } from "@prosopon/jobs";
import type { Services } from "../services.ts";

/** The ids of all uploads that a job's input names. */
function uploadsIn(value: Json): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((one) => uploadsIn(one as Json));
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0] === "upload" && typeof entries[0][1] === "string") return [entries[0][1]];
  return entries.flatMap(([, one]) => uploadsIn(one as Json));
}

/** Cancels a job and deletes all that is kept of it: frames, checkpoint, record, artifact and its uploads. */
export async function removeJob({ engine, log, blobs, tell }: Services, job: Job): Promise<void> {
  await engine.cancel(job.id);
  const last = (await engine.get(job.id)) ?? job;
  await log.purge(job.id);
  await engine.remove(job.id);
  const kept = [...uploadsIn(job.input), ...(last.artifact ? [last.artifact.blob] : [])];
  for (const id of kept) if ((await blobs.describe(id))?.tenant === job.tenant) await blobs.delete(id);
  tell("info", "job-removed", { tenant: job.tenant, job: job.id });
}
