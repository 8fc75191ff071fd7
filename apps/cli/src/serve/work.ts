import { createServer } from "node:http";
import { ProsoponError } from "@prosopon/errors";
import { privateLog, workerMetrics } from "@prosopon/gateway";
import type { WorkerOptions } from "../commands/worker.ts";
import type { Context } from "../context.ts";
import { openJobs } from "./open-jobs.ts";
import { serveApplications } from "./serve-applications.ts";
import { serveConfig } from "./serve-config.ts";
import { startAgent } from "./start-agent.ts";
import { untilStopped } from "./until-stopped.ts";

/** Runs an agent on the jobs in Redis until the signal fires; then finishes or hands back what runs. */
export async function work(context: Context, options: WorkerOptions): Promise<void> {
  const { redis, data, application, device, slots, defaultApplications } = options;
  const given = {
    redis,
    data,
    slots,
    devices: device,
    applications: application,
    defaultApplications: defaultApplications ? undefined : false,
  };
  const config = await serveConfig(context, given, options.config);
  if (config.redis === undefined)
    throw new ProsoponError("bad-input", "A worker needs to know where the jobs are.", {
      mend: "Give --redis redis://HOST:6379 or PROSOPON_REDIS.",
    });
  if (config.data === undefined)
    throw new ProsoponError("bad-input", "A worker needs the gateway's folder of uploads and artifacts.", {
      mend: "Give --data FOLDER or PROSOPON_DATA.",
    });
  const tell = privateLog((line) => void context.stderr.write(`${line}\n`));
  const { registry, observer } = workerMetrics();
  const served = await serveApplications(context, config);
  await using jobs = await openJobs(context, config, () => tell("error", "engine", { code: "unavailable" }));
  await jobs.engine.check();
  const agent = await startAgent({ jobs, served, config, observer, tell });
  const health =
    config.metricsPort === undefined
      ? undefined
      : createServer((request, response) => {
          const path = request.url;
          if (path === "/metrics")
            void registry
              .metrics()
              .then((text) => response.writeHead(200, { "content-type": registry.contentType }).end(text));
          else if (path === "/livez") response.writeHead(200).end("live\n");
          else if (path === "/readyz")
            response.writeHead(agent.ready ? 200 : 503).end(agent.ready ? "ready\n" : "not ready\n");
          else response.writeHead(404).end();
        }).listen(config.metricsPort, config.host);
  context.stdout.write(
    `Worker on ${config.devices.join(", ")} for ${served.applications.map(({ name }) => name).join(", ")}\nCtrl-C stops.\n`,
  );
  await untilStopped(context.signal);
  await agent.drain({ milliseconds: 1000 * config.limits.drainSeconds });
  health?.close();
}
