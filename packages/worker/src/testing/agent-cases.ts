import type { BlobStore, FrameEvent, FrameLog, Job, JobEngine, Json } from "@prosopon/jobs";
import { type Agent, createAgent } from "../agent.ts";
import type { AgentObserver } from "../agent-observer.ts";
import type { AgentOptions } from "../agent-options.ts";
import { fakeText } from "./fake-applications.ts";
import { fakeApplicationsModule } from "./fake-module.ts";
import { until } from "./until.ts";

/** What an agent works on in one case. */
export interface AgentHarness extends AsyncDisposable {
  readonly engine: JobEngine;
  readonly log: FrameLog;
  readonly blobs: BlobStore;
  /** For the runs' folders. */
  readonly folder: string;
}

/** One property of an agent on an engine. `check` throws when it is broken. */
export interface AgentCase {
  readonly name: string;
  check(open: () => Promise<AgentHarness>): Promise<void>;
}

type Harness = Pick<AgentHarness, "engine" | "log" | "blobs" | "folder">;

const agentOf = (harness: Harness, options: Partial<AgentOptions> = {}): Agent => {
  const { engine, log, blobs, folder } = harness;
  return createAgent({
    engine,
    log,
    blobs,
    folder,
    applications: [fakeApplicationsModule],
    devices: [{ name: "cpu" }],
    backoffMilliseconds: { first: 20, most: 200 },
    graceMilliseconds: 500,
    ...options,
  });
};

const submit = (engine: JobEngine, input: { readonly [key: string]: Json }, needs?: Job["needs"]): Promise<Job> =>
  engine.submit({ application: "fake", input, tenant: "anna", ...(needs && { needs }) });

interface Seen {
  /** "epoch.seq" of each frame. */
  readonly places: readonly string[];
  /** Who made each frame: device.process.fresh|resumed. */
  readonly authors: readonly string[];
  readonly resets: number;
  readonly last: FrameEvent | undefined;
}

/** Reads a whole stream. */
async function seen(log: FrameLog, id: string): Promise<Seen> {
  const places: string[] = [];
  const authors: string[] = [];
  let resets = 0;
  let last: FrameEvent | undefined;
  for await (const event of log.read(id, { signal: AbortSignal.timeout(40_000) })) {
    last = event;
    if (event.event === "reset") resets++;
    if (event.event !== "frame") continue;
    places.push(`${event.cursor.epoch}.${event.cursor.seq}`);
    authors.push(fakeText(event.bytes).split(".").slice(0, 3).join("."));
  }
  return { places, authors, resets, last };
}

const count = (frames: number, epoch = 1): string[] => Array.from({ length: frames }, (_, i) => `${epoch}.${i + 1}`);

function same(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: expected ${b}, got ${a}`);
}

const ending = ({ last }: Seen): unknown => (last?.event === "end" ? [last.reason, last.lastSeq] : last?.event);

/** The process that runs the child of a device. */
const childOf = (agent: Agent, device = 0): number => agent.devices[device]?.processId ?? -1;

/** What an agent with forked children does on every engine. */
export const agentConformance = (): readonly AgentCase[] => [
  {
    name: "runs a job in a child: frames, progress, artifact, one end",
    async check(open) {
      await using harness = await open();
      const { engine, log, blobs } = harness;
      const told: string[] = [];
      const observer: AgentObserver = {
        queueWait: () => told.push("queueWait"),
        frame: () => told.push("frame"),
        outcome: (_, outcome) => told.push(outcome),
      };
      await using agent = agentOf(harness, { observer });
      const { id } = await submit(engine, { frames: 30 });
      const all = await seen(log, id);
      same(all.places, count(30), "frames");
      same(ending(all), ["completed", 30], "end");
      const job = await engine.get(id);
      same([job?.state, job?.device, job?.progress?.done], ["completed", "cpu", 30], "job");
      same([...(await blobs.get(job?.artifact?.blob ?? ""))], [30], "artifact");
      same((await blobs.describe(job?.artifact?.blob ?? ""))?.tenant, "anna", "the artifact's tenant");
      same(job?.artifact?.table?.["frames"], 30, "table");
      await until("the observer was told", () => told.includes("completed"));
      same([told.filter((one) => one === "frame").length, told[0]], [30, "queueWait"], "observer");
      await until("the agent is free", () => agent.ready && agent.devices[0]?.state === "READY");
    },
  },
  {
    name: "kill -9 of the child: resumes from the checkpoint, each frame once, same epoch",
    async check(open) {
      await using harness = await open();
      const { engine, log } = harness;
      await using agent = agentOf(harness);
      const { id } = await submit(engine, { frames: 60, fps: 50, checkpointEvery: 5 });
      const reading = seen(log, id);
      await until("frame 20", async () => (await log.head(id)).seq >= 20);
      process.kill(childOf(agent), "SIGKILL");
      const all = await reading;
      same(all.places, count(60), "frames");
      same([all.resets, ending(all)], [0, ["completed", 60]], "end");
      const authors = [...new Set(all.authors)];
      same(
        authors.map((one) => one.split(".")[2]),
        ["fresh", "resumed"],
        "authors, one after the other",
      );
      same(all.authors.lastIndexOf(authors[0]!) + 1, all.authors.indexOf(authors[1]!), "the change of author");
      same([(await engine.get(id))?.lost, agent.devices[0]?.restarts], [1, 1], "lost and restarts");
    },
  },
  {
    name: "kill -9 of the child without a checkpoint: a new epoch, told by a reset",
    async check(open) {
      await using harness = await open();
      const { engine, log } = harness;
      await using agent = agentOf(harness);
      const { id } = await submit(engine, { frames: 30, fps: 50 });
      const reading = seen(log, id);
      await until("frame 10", async () => (await log.head(id)).seq >= 10);
      process.kill(childOf(agent), "SIGKILL");
      const all = await reading;
      same([all.resets, ending(all)], [1, ["completed", 30]], "end");
      same(
        all.places.filter((one) => one.startsWith("2.")),
        count(30, 2),
        "frames of the second epoch",
      );
    },
  },
  {
    name: "a poison job fails after three attempts, and others are done",
    async check(open) {
      await using harness = await open();
      const { engine, log } = harness;
      await using _ = agentOf(harness);
      const poison = await submit(engine, { frames: 10, crashAt: 3 });
      const good = await submit(engine, { frames: 10 });
      same(ending(await seen(log, good.id)), ["completed", 10], "the good job");
      const all = await seen(log, poison.id);
      same([ending(all)], [["failed", 4]], "the poison job");
      const job = await engine.get(poison.id);
      same([job?.state, job?.lost, job?.error?.code], ["failed", 3, "crashed"], "job");
    },
  },
  {
    name: "a poison job beside others in one child costs them no attempt",
    async check(open) {
      await using harness = await open();
      const { engine, log } = harness;
      await using _ = agentOf(harness, { devices: [{ name: "cpu", slots: 3 }] });
      const good = await Promise.all([1, 2].map(() => submit(engine, { frames: 60, fps: 60, checkpointEvery: 2 })));
      const poison = await submit(engine, { frames: 10, fps: 20, crashAt: 5 });
      for (const { id } of good) {
        const all = await seen(log, id);
        same([all.places, ending(all)], [count(60), ["completed", 60]], "a good job");
        same((await engine.get(id))?.lost, 0, "its lost attempts");
      }
      same((await seen(log, poison.id)).last?.event, "end", "the poison job's stream");
      same((await engine.get(poison.id))?.state, "failed", "the poison job");
    },
  },
  {
    name: "a hang is killed at the deadline, busy or asleep, and resumed",
    async check(open) {
      await using harness = await open();
      const { engine, log } = harness;
      await using agent = agentOf(harness, { deadlineMilliseconds: 400, firstMilliseconds: 5000 });
      for (const hang of ["hangAt", "sleepAt"]) {
        const { id } = await submit(engine, { frames: 20, [hang]: 9, once: true, checkpointEvery: 5 });
        const all = await seen(log, id);
        same([all.places, ending(all)], [count(20), ["completed", 20]], hang);
        same((await engine.get(id))?.lost, 1, "lost");
      }
      same(agent.devices[0]?.restarts, 2, "restarts");
    },
  },
  {
    name: "errors of the user end the job at once; others are tried again",
    async check(open) {
      await using harness = await open();
      const { engine, log } = harness;
      await using _ = agentOf(harness);
      const bad = await submit(engine, { frames: 9, failAt: 2 });
      same(ending(await seen(log, bad.id)), ["failed", 3], "bad-input");
      const refused = await submit(engine, { frames: "many" });
      same(ending(await seen(log, refused.id)), ["failed", 0], "input that the schema refuses");
      const internal = await submit(engine, {
        frames: 9,
        failAt: 2,
        failWith: "internal",
        once: true,
        checkpointEvery: 1,
      });
      same(ending(await seen(log, internal.id)), ["completed", 9], "internal, once");
      const states = await Promise.all([bad, refused, internal].map(({ id }) => engine.get(id)));
      same(
        states.map((one) => [one?.error?.code ?? "none", one?.lost]),
        [
          ["bad-input", 0],
          ["bad-input", 0],
          ["none", 1],
        ],
        "jobs",
      );
    },
  },
  {
    name: "cancels in every state and frees the slot, also of what heeds nothing",
    async check(open) {
      await using harness = await open();
      const { engine, log } = harness;
      await using agent = agentOf(harness);
      const running = await submit(engine, { frames: 10_000, fps: 50 });
      const queued = await submit(engine, { frames: 5 });
      await until("frame 5", async () => (await log.head(running.id)).seq >= 5);
      await engine.cancel(queued.id);
      same(ending(await seen(log, queued.id)), ["cancelled", 0], "queued");
      const before = (await log.head(running.id)).seq;
      await engine.cancel(running.id);
      const all = await seen(log, running.id);
      same(all.last?.event === "end" && all.last.reason, "cancelled", "running");
      same(all.places.length <= before + 2, true, `within a frame or two: ${before}, ${all.places.length}`);
      for (const hang of ["hangAt", "sleepAt"]) {
        const hung = await submit(engine, { frames: 10, [hang]: 2 });
        await until("frame 3", async () => (await log.head(hung.id)).seq >= 3);
        await engine.cancel(hung.id);
        same(ending(await seen(log, hung.id)), ["cancelled", 3], hang);
      }
      const next = await submit(engine, { frames: 5 });
      same(ending(await seen(log, next.id)), ["completed", 5], "the next job");
      same((await engine.cancel(next.id)).state, "completed", "an ended job stays");
      same(agent.devices[0]?.restarts, 2, "children that heeded nothing were killed");
    },
  },
  {
    name: "carries live sound, and silence is no hang",
    async check(open) {
      await using harness = await open();
      const { engine, log } = harness;
      await using agent = agentOf(harness, { deadlineMilliseconds: 300, firstMilliseconds: 2000 });
      const { id } = await submit(engine, { live: true });
      for (const length of [100, 200]) await engine.feed(id, new Float32Array(length));
      await until("two frames", async () => (await log.head(id)).seq >= 2);
      await new Promise((resolve) => setTimeout(resolve, 700)); // longer than the deadline
      await engine.feed(id, new Float32Array(300));
      await engine.feed(id, "end");
      const widths: number[] = [];
      for await (const event of log.read(id)) if (event.event === "frame") widths.push(event.width);
      same(widths, [100, 200, 300], "a frame for each chunk");
      same([(await engine.get(id))?.state, agent.devices[0]?.restarts], ["completed", 0], "job");
    },
  },
  {
    name: "drains: finishes what it can, hands back the rest, which goes on elsewhere in the same epoch",
    async check(open) {
      await using harness = await open();
      const { engine, log } = harness;
      const first = agentOf(harness, { devices: [{ name: "cpu", slots: 2 }] });
      const short = await submit(engine, { frames: 15, fps: 50 });
      const long = await submit(engine, { frames: 80, fps: 50, checkpointEvery: 4 });
      await until("both run", async () => (await log.head(long.id)).seq >= 5 && (await log.head(short.id)).seq >= 1);
      await first.drain({ milliseconds: 700 });
      same(first.devices[0]?.state, "STOPPED", "the drained agent");
      same(ending(await seen(log, short.id)), ["completed", 15], "the short job");
      const job = await engine.get(long.id);
      same([job?.state, job?.lost], ["queued", 0], "the long job");
      await using _ = agentOf(harness);
      const all = await seen(log, long.id);
      same([all.places, all.resets, ending(all)], [count(80), 0, ["completed", 80]], "the long job's stream");
    },
  },
  {
    name: "places by device, falls back when a device is lost, and takes it again when it is back",
    async check(open) {
      await using harness = await open();
      const { engine, log } = harness;
      const needs = { devices: ["cuda", "cpu"], megabytes: 100 };
      const devices = [
        { name: "cpu", megabytes: 1000 },
        { name: "cuda", megabytes: 1000 },
      ];
      await using agent = agentOf(harness, { devices });
      await until("both are ready", () => agent.devices.every(({ state }) => state === "READY"));
      const device = async (id: string) => (await seen(log, id)).authors.map((one) => one.split(".")[0]);
      const first = await submit(engine, { frames: 3 }, { devices: ["cuda"] });
      same([...new Set(await device(first.id))], ["cuda"], "only cuda will do");
      // The device goes away under a running job: it is resumed where one is left.
      const lost = await submit(engine, { frames: 40, fps: 50, checkpointEvery: 2 }, needs);
      await until("frame 10", async () => (await log.head(lost.id)).seq >= 10);
      const on = (await engine.get(lost.id))?.device;
      const index = agent.devices.findIndex((one) => one.device === on);
      process.kill(childOf(agent, index), "SIGKILL");
      const all = await seen(log, lost.id);
      same([all.places, ending(all)], [count(40), ["completed", 40]], "the job of the lost device");
      const large = await submit(engine, { frames: 1 }, { megabytes: 1001 });
      await new Promise((resolve) => setTimeout(resolve, 200));
      same((await engine.get(large.id))?.state, "queued", "what needs more memory than there is waits");
      await engine.cancel(large.id);
    },
  },
  {
    name: "a device that cannot be set up says so, is tried again, and takes no jobs",
    async check(open) {
      await using harness = await open();
      const { engine, log } = harness;
      const restarts: string[] = [];
      await using agent = agentOf(harness, {
        devices: [{ name: "cuda" }, { name: "cpu" }],
        settings: { broken: ["cuda"] },
        observer: { restart: (device, reason) => restarts.push(`${device}: ${reason}`) },
      });
      await until("cuda failed twice", () => restarts.length >= 2);
      same(restarts[0], 'cuda: The device "cuda" is gone.', "reason");
      const { id } = await submit(engine, { frames: 3 }, { devices: ["cuda", "cpu"] });
      const all = await seen(log, id);
      same([...new Set(all.authors.map((one) => one.split(".")[0]))], ["cpu"], "the fallback");
      await until("the agent is free", () => agent.ready && agent.devices[1]?.state === "READY");
    },
  },
];
