// A service of its own for one fault: Redis (or none), gateways and workers as processes, a balancer in front, a client.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@prosopon/client/node";
import { redisServer } from "../../packages/jobs/dist/testing/redis-server.js";
import { openBalancer } from "./balancer.mjs";
import { missing } from "./judge.mjs";
import { startProgram } from "./running.mjs";
import { until } from "./until.mjs";

const locks = { lockMilliseconds: 2000, checkMilliseconds: 700 };

/** Gives `use` a lab, and clears it away. @param adapter "redis" or "embedded". */
export async function withLab(options, use) {
  const undo = [];
  try {
    return await use(await openLab(options, undo));
  } finally {
    for (const one of undo.reverse()) await one();
  }
}

async function openLab({ adapter = "redis", redisSettings = [], data }, undo) {
  const use = (one) => {
    undo.push(() => one[Symbol.asyncDispose]());
    return one;
  };
  const folder = await mkdtemp(join(tmpdir(), "reliability-"));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  const server = adapter === "redis" ? await redisServer(["--appendfsync", "everysec", ...redisSettings]) : undefined;
  if (adapter === "redis" && !server)
    throw new Error("There is no redis-server (Debian: apt-get install redis-server).");
  if (server) use(server);
  const balancer = use(await openBalancer());
  // Many attempts: gateways may be away for as long as a busy machine takes to start one.
  const client = connect({ url: balancer.url, backoff: { first: 50, most: 500, attempts: 120 } });
  undo.push(() => client.close());
  const common = { folder: data ?? folder, locks, ...(server ? { redis: server.url } : {}) };
  const start = async (options, wrapping) => use(await startProgram({ ...common, ...options }, wrapping));
  const serving = (program) => {
    balancer.targets.push(program.port);
    return program;
  };

  const lab = {
    adapter,
    server,
    folder,
    balancer,
    client,
    /** Called when the lab is cleared away. */
    undo: (one) => undo.push(one),
    gateway: async (options = {}) => serving(await start({ gateway: true, ...options })),
    /** A gateway that gets no connections until it is given to `enlist`. */
    spare: () => start({ gateway: true }),
    enlist: (gateway) => serving(gateway),
    worker: (options = {}) => start({ worker: true, ...options }),
    /** A gateway and a worker: two processes on Redis, one without. */
    async service(options = {}, wrapping = {}) {
      if (adapter === "embedded") {
        const both = serving(await start({ gateway: true, worker: true, ...options }, wrapping));
        return { gateway: both, worker: both };
      }
      return {
        gateway: serving(await start({ gateway: true, ...options }, wrapping)),
        worker: await lab.worker(options),
      };
    },
    /** Over a network that may break: the key makes a repeated call the same job. */
    async run(input) {
      const idempotencyKey = crypto.randomUUID();
      const run = () => client.run("fake", input, { idempotencyKey, signal: AbortSignal.timeout(5000) });
      return (await again(run)).id;
    },
    /** Waits until the job has so many frames. */
    frames: (id, count) => until(`${count} frames`, async () => (await lab.look(id)).lastSeq >= count),
    /** The job as the gateway tells it. */
    look: (id) =>
      ask(balancer.url, "query($id: ID!) { job(id: $id) { state epoch lastSeq error { code message } } }", { id }).then(
        ({ job }) => job,
      ),
    cancel: (id) =>
      ask(balancer.url, "mutation($id: ID!) { cancelJob(id: $id) { state epoch lastSeq } }", { id }).then(
        ({ cancelJob }) => cancelJob,
      ),
    /** How many attempts were lost, and why the job failed. */
    attempts: (id) =>
      ask(balancer.url, "query($id: ID!) { job(id: $id) { attemptsLost error { code message } } }", { id }).then(
        ({ job: { attemptsLost, error } }) => ({ lost: attemptsLost, error }),
      ),
    /** That the slot is free: a job after all this is done. @returns problems. */
    async another() {
      const { state } = await lab
        .ended(await lab.run({ frames: 3, fps: 50 }), 20_000)
        .catch(() => ({ state: "STUCK" }));
      return missing(`a job after it is ${state}`, state === "COMPLETED");
    },
    ended: (id, milliseconds) =>
      until(
        "the job has ended",
        async () => {
          const job = await lab.look(id).catch(() => undefined);
          return job && !/QUEUED|RUNNING/.test(job.state) && job;
        },
        milliseconds,
      ),
  };
  return lab;
}

/** Tries again what a broken connection cut off. */
async function again(work) {
  for (let tries = 1; ; tries++)
    try {
      return await work();
    } catch (error) {
      if (tries === 10) throw error;
      await sleep(100);
    }
}

/** One GraphQL operation, which may be sent twice; its data. */
export async function ask(url, query, variables) {
  const body = JSON.stringify({ query, variables });
  const headers = { "content-type": "application/json" };
  const answer = await again(async () => {
    const signal = AbortSignal.timeout(10_000);
    const response = await fetch(`${url}/graphql`, { method: "POST", headers, body, signal });
    return { status: response.status, ...(await response.json()) };
  });
  const { data, errors } = answer;
  if (!data) throw new Error(errors?.[0]?.message ?? `status ${answer.status}`);
  return data;
}

/** How many streams and sockets a gateway holds, by its own metrics. */
export async function held(port) {
  const text = await again(async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
  const sum = (name) =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)`, "gm"))].reduce(
      (all, [, one]) => all + Number(one),
      0,
    );
  const binary = sum('prosopon_gateway_streams\\{transport="binary"\\}');
  return { streams: sum("prosopon_gateway_streams"), binary, sockets: sum("prosopon_gateway_sockets") };
}
