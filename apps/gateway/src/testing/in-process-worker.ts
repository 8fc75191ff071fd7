import type { Application, ApplicationContext, BlobStore, Claim, FrameLog, JobEngine, Stop } from "@prosopon/jobs";

export interface InProcessWorkerOptions {
  readonly engine: JobEngine;
  readonly log: FrameLog;
  readonly blobs: BlobStore;
  readonly applications: readonly Application[];
  readonly slots?: number;
}

/** Runs jobs in this process, without a child: for tests of what lies in front of workers. */
export function inProcessWorker({
  engine,
  log,
  blobs,
  applications,
  slots = 8,
}: InProcessWorkerOptions): Promise<Stop> {
  const handler = async ({ job, fence, signal, live, progress }: Claim): Promise<"ended"> => {
    const application = applications.find(({ name }) => name === job.application);
    const start = await log.start(job.id, fence);
    if (!application || typeof start === "string") {
      await log.end(job.id, fence, { reason: "cancelled" });
      return "ended";
    }
    const context: ApplicationContext = { device: "cpu", folder: "", signal, live };
    try {
      const run = application.run(job.input as never, context);
      let seq = 0;
      while (true) {
        const step = await run.next();
        if (step.done) {
          const { bytes, mime, name, table } = step.value;
          const record = await blobs.put(bytes, { mime, name, tenant: job.tenant, limit: 2 ** 30 });
          const artifact = {
            blob: record.id,
            name,
            mime,
            size: record.size,
            ...(table ? { table: table as never } : {}),
          };
          await log.end(job.id, fence, { reason: "completed", artifact });
          return "ended";
        }
        if (step.value.event === "progress") {
          await progress(step.value);
          continue;
        }
        const { index: _index, event: _event, state: _state, ...frame } = step.value;
        if ((await log.append(job.id, fence, ++seq, frame)) !== "ok") {
          await run.return(undefined as never);
          await log.end(job.id, fence, { reason: "cancelled" });
          return "ended";
        }
      }
    } catch {
      // A run that waits for something else than its signal is left behind.
      const error = { code: "internal", message: "The run failed." };
      await log.end(job.id, fence, signal.aborted ? { reason: "cancelled" } : { reason: "failed", error });
      return "ended";
    }
  };
  return engine.work({
    capabilities: { applications: applications.map(({ name }) => name), device: "cpu" },
    slots,
    handler,
  });
}
