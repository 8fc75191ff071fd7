// One process of a service under test: a gateway, a worker on Redis, or both in one without Redis. Argument: its options as JSON.
// Prints one JSON object a line for what happens to it. SIGTERM drains it.
import { fakeApplication } from "../../packages/worker/dist/testing/fake-applications.js";
import { fakeApplicationsModule } from "../../packages/worker/dist/testing/fake-module.js";

const {
  redis,
  locks = {},
  folder,
  port = 0,
  gateway: serves = false,
  worker: works = false,
  slots = 2,
  deadlineMilliseconds = 30_000,
  limits = {},
  modules,
} = JSON.parse(process.argv[2] ?? "{}");

const print = (event, facts = {}) => void process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`);
// Only what the role needs: these are started by the dozen.
const { folderBlobs, embeddedJobs } = await import("@prosopon/jobs/node");
const { redisJobs } = redis ? await import("@prosopon/jobs/redis") : {};
const { createAgent, loadApplications } = works || modules ? await import("@prosopon/worker") : {};
const { createGateway, privateLog } = serves ? await import("@prosopon/gateway") : {};
const jobs = redis
  ? redisJobs({ url: redis, ...locks, onError: ({ message }) => print("trouble", { message }) })
  : embeddedJobs();
const blobs = folderBlobs(`${folder}/blobs`);

const applications = modules
  ? [...(await loadApplications(modules, { device: "cpu" })).values()]
  : [fakeApplication({ device: "cpu" })];
const lots = 1_000_000;
const gateway = serves
  ? createGateway({
      engine: jobs.engine,
      log: jobs.log,
      blobs,
      applications,
      limits: {
        operationsPerMinute: lots,
        jobsPerMinute: lots,
        socketsPerAddress: lots,
        failuresPerMinute: lots,
        streamsPerTenant: lots,
        uploadBytesPerHour: 1_000_000_000_000,
        drainSeconds: 1,
        ...limits,
      },
      tell: privateLog((line) => {
        const { event, code, reason } = JSON.parse(line);
        if (/masked-error|route-failed|INTERNAL/.test(line)) print("internal", { what: event, code, reason });
      }),
    })
  : undefined;
const { port: given } = (await gateway?.listen({ port })) ?? {};
const agent = works
  ? createAgent({
      engine: jobs.engine,
      log: jobs.log,
      blobs,
      folder: `${folder}/runs`,
      applications: modules ?? [fakeApplicationsModule],
      devices: [{ name: "cpu", slots }],
      backoffMilliseconds: { first: 50, most: 500 },
      graceMilliseconds: 1000,
      deadlineMilliseconds,
      observer: {
        status: ({ state, processId, restarts }) => print("device", { state, processId, restarts }),
        fenced: ({ id }) => print("fenced", { id }),
        outcome: ({ id }, outcome) => print("outcome", { id, outcome }),
        trouble: ({ message }) => print("trouble", { message }),
      },
    })
  : undefined;
print("up", { port: given });

process.on("SIGTERM", async () => {
  await Promise.all([gateway?.close(), agent?.drain({ milliseconds: 500 })]);
  await jobs.engine[Symbol.asyncDispose]();
  process.exit();
});
process.on("disconnect", () => process.exit(1));
