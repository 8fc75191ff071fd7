import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { PrivateLog, WorkerObserver } from "@prosopon/gateway";
import { type Agent, createAgent } from "@prosopon/worker";
import type { OpenJobs } from "./open-jobs.ts";
import type { ServedApplications } from "./serve-applications.ts";
import type { ServeConfig } from "./serve-config.ts";

export interface StartAgentOptions {
  readonly jobs: OpenJobs;
  readonly served: ServedApplications;
  readonly config: Pick<ServeConfig, "devices" | "slots">;
  readonly observer: WorkerObserver;
  readonly tell: PrivateLog;
}

/** An agent for all configured devices, whose troubles go to the log. */
export async function startAgent({ jobs, served, config, observer, tell }: StartAgentOptions): Promise<Agent> {
  const folder = join(jobs.folder, "runs");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return createAgent({
    engine: jobs.engine,
    log: jobs.log,
    blobs: jobs.blobs,
    applications: served.urls,
    settings: served.settings,
    devices: config.devices.map((name) => ({ name, slots: config.slots })),
    folder,
    observer: {
      status(status) {
        observer.status(status);
        tell("info", "device", { code: status.state, reason: status.device });
        if (status.state === "SETUP_FAILED" && status.reason) tell("error", "device-failed", { reason: status.reason });
      },
      queueWait: observer.queueWait,
      frame: observer.frame,
      fenced: observer.fenced,
      outcome(job, outcome) {
        observer.outcome(job, outcome);
        tell("info", "attempt", { job: job.id, application: job.application, code: outcome });
      },
      restart(device) {
        observer.restart(device);
        tell("warn", "restart", { reason: device });
      },
      trouble: () => tell("error", "engine", { code: "unavailable" }),
    },
  });
}
