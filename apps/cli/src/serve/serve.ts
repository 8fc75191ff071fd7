import { ProsoponError } from "@prosopon/errors";
import { createGateway, privateLog, workerMetrics } from "@prosopon/gateway";
import { listModels } from "@prosopon/models/node";
import type { ServeOptions } from "../commands/serve.ts";
import type { Context } from "../context.ts";
import { modelFolders } from "../model-folders.ts";
import { emotionsOf } from "./emotions-of.ts";
import { openJobs } from "./open-jobs.ts";
import { serveApplications } from "./serve-applications.ts";
import { serveConfig } from "./serve-config.ts";
import { startAgent } from "./start-agent.ts";
import { studioFolder } from "./studio-folder.ts";
import { untilStopped } from "./until-stopped.ts";

/** Runs the gateway, and unless told otherwise an agent beside it, until the signal fires; then drains both. */
export async function serve(context: Context, options: ServeOptions): Promise<void> {
  const { port, host, redis, data, application, device, slots, worker, defaultApplications, development } = options;
  const config = await serveConfig(
    context,
    {
      port,
      host,
      redis,
      data,
      slots,
      development,
      devices: device,
      applications: application,
      // Flags that were not given say nothing.
      worker: worker ? undefined : false,
      defaultApplications: defaultApplications ? undefined : false,
    },
    options.config,
  );
  if (!config.worker && config.redis === undefined)
    throw new ProsoponError("bad-input", "Without workers here and without Redis no job would ever run.", {
      mend: "Leave --no-worker out, or give --redis.",
    });
  const tell = privateLog((line) => void context.stderr.write(`${line}\n`));
  const { registry, observer } = workerMetrics();
  const served = await serveApplications(context, config);
  await using jobs = await openJobs(context, config, () => tell("error", "engine", { code: "unavailable" }));
  let workersReady = (): boolean => true;
  const studio = studioFolder(config.studio);
  await using gateway = createGateway({
    engine: jobs.engine,
    log: jobs.log,
    blobs: jobs.blobs,
    applications: served.applications,
    emotions: emotionsOf(served.applications),
    models: async () =>
      (await listModels(modelFolders(context))).flatMap(({ name, manifest }) =>
        manifest ? [{ name, kind: manifest.kind, description: manifest.description || manifest.title }] : [],
      ),
    auth: config.auth,
    limits: config.limits,
    origins: config.origins,
    proxies: config.proxies,
    development: config.development,
    tell,
    registry,
    ready: async () => {
      if (!workersReady()) throw new ProsoponError("unavailable", "No worker is ready.");
    },
    ...(studio === undefined ? {} : { studio }),
    ...(config.secret === undefined ? {} : { secret: new TextEncoder().encode(config.secret) }),
  });
  // The port first: a second start fails before it loads a model.
  const { url } = await gateway.listen({ port: config.port, host: config.host });
  const agent = config.worker ? await startAgent({ jobs, served, config, observer, tell }) : undefined;
  if (agent) workersReady = () => agent.ready;
  const names = served.applications.map(({ name }) => name).join(", ");
  context.stdout.write(
    `${studio === undefined ? "" : `Studio   ${url}/\n`}GraphQL  ${url}/graphql\nOffers   ${names}\nCtrl-C stops.\n`,
  );
  await untilStopped(context.signal);
  const milliseconds = 1000 * config.limits.drainSeconds;
  await Promise.all([gateway.close(), agent?.drain({ milliseconds })]);
}
