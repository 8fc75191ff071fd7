import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type RedisJobs, redisJobs } from "@prosopon/jobs/redis";
import { type RedisServer, redisServer } from "@prosopon/jobs/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { fakeText } from "./testing/fake-applications.ts";
import { until } from "./testing/until.ts";

// Whole processes of workers and of Redis are stopped, killed and started again. Frames are tagged by the child that made them.

const program = fileURLToPath(new URL("../dist/testing/agent-program.js", import.meta.url));
const locks = { lockMilliseconds: 1500, checkMilliseconds: 500 };
let server: RedisServer | undefined;
let folder: string;
let last = 0;

beforeAll(async () => {
  server = await redisServer(["--appendfsync", "everysec"]);
  if (!server && process.env["CI"] === "true") throw new Error("There is no redis-server.");
  folder = await mkdtemp(join(tmpdir(), "faults-"));
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
beforeEach(({ skip }) => {
  if (!server) skip("there is no redis-server here");
});

interface WorkerProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  /** The process of its child. */
  readonly grandchild: number;
}

function worker(prefix: string): WorkerProcess {
  const options = { url: server!.url, prefix, folder, ...locks };
  const child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  let rest = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
  });
  return {
    child,
    lines,
    get grandchild() {
      return Number(lines.findLast((line) => line.startsWith("READY"))?.split(" ")[1]);
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGCONT");
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

const gateway = (prefix: string): RedisJobs => redisJobs({ url: server!.url, prefix, ...locks });
const submit = (jobs: RedisJobs, frames: number, fps = 50) =>
  jobs.engine.submit({ application: "fake", tenant: "anna", input: { frames, fps, checkpointEvery: 5 } });

/** Reads a whole stream, as a viewer would. */
async function view(jobs: RedisJobs, id: string) {
  const places: string[] = [];
  const authors: string[] = [];
  let end: string | undefined;
  let longest = 0;
  let before = performance.now();
  for await (const event of jobs.log.read(id, { signal: AbortSignal.timeout(120_000) })) {
    if (event.event === "end") end = `${event.reason} ${event.lastSeq}`;
    if (event.event !== "frame") continue;
    if (places.length > 0) longest = Math.max(longest, performance.now() - before);
    before = performance.now();
    places.push(`${event.cursor.epoch}.${event.cursor.seq}`);
    authors.push(fakeText(event.bytes).split(".")[1] ?? "");
  }
  return { places, authors, end, longest };
}

const count = (frames: number): string[] => Array.from({ length: frames }, (_, i) => `1.${i + 1}`);
/** "A40 B60": who wrote how many frames in a row. */
const runs = (authors: readonly string[]): number => authors.filter((one, i) => one !== authors[i - 1]).length;

function alive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

/** Results are part of what these tests are for. */
function report(
  fault: string,
  { places, longest }: { readonly places: readonly string[]; readonly longest: number },
): void {
  console.info(`${fault}: ${places.length} frames, longest pause ${(longest / 1000).toFixed(2)} s`);
}

test("SIGSTOP of a worker past its lock, then CONT: the zombie writes nothing", async () => {
  const prefix = `f${++last}`;
  await using jobs = gateway(prefix);
  await using a = worker(prefix);
  const { id } = await submit(jobs, 400);
  const viewers = [view(jobs, id), view(jobs, id)];
  await until("frame 40", async () => (await jobs.log.head(id)).seq >= 40);
  const zombie = a.grandchild;
  a.child.kill("SIGSTOP");
  await using b = worker(prefix);
  await until("the other has it", async () => ((await jobs.engine.get(id))?.fence ?? 0) >= 2);
  await until("the other writes", () => b.lines.includes("frame"));
  a.child.kill("SIGCONT");
  await until("the zombie is refused", () => a.lines.includes("fenced"));
  for (const seen of await Promise.all(viewers)) {
    report("SIGSTOP of a worker", seen);
    expect(seen.places).toEqual(count(400));
    expect(seen.end).toBe("completed 400");
    expect(runs(seen.authors), "one author after the other").toBe(2);
    expect(seen.authors.at(-1)).not.toBe(String(zombie));
  }
  expect(a.lines.filter((line) => line === "fenced")).toHaveLength(1);
});

test("kill -9 of a worker: its child dies too, another goes on in the same epoch", async () => {
  const prefix = `f${++last}`;
  await using jobs = gateway(prefix);
  await using a = worker(prefix);
  const { id } = await submit(jobs, 200);
  const viewer = view(jobs, id);
  await until("frame 40", async () => (await jobs.log.head(id)).seq >= 40);
  const child = a.grandchild;
  expect(alive(child)).toBe(true);
  a.child.kill("SIGKILL");
  await using _ = worker(prefix);
  await until("the child is gone", () => !alive(child));
  const seen = await viewer;
  report("kill -9 of a worker", seen);
  expect(seen.places).toEqual(count(200));
  expect([seen.end, runs(seen.authors)]).toEqual(["completed 200", 2]);
  expect((await jobs.engine.get(id))?.lost).toBe(1);
});

test("SIGTERM of a worker: it hands back, nothing is lost", async () => {
  const prefix = `f${++last}`;
  await using jobs = gateway(prefix);
  await using a = worker(prefix);
  const { id } = await submit(jobs, 150);
  const viewer = view(jobs, id);
  await until("frame 20", async () => (await jobs.log.head(id)).seq >= 20);
  await using _ = worker(prefix);
  a.child.kill("SIGTERM");
  const [code] = await once(a.child, "exit");
  const seen = await viewer;
  report("SIGTERM of a worker", seen);
  expect([code, seen.places.length, seen.end]).toEqual([0, 150, "completed 150"]);
  expect(seen.places).toEqual(count(150));
  expect((await jobs.engine.get(id))?.lost).toBe(0);
});

test("kill -9 of Redis in the middle, up again half a second later: each frame once", async () => {
  const prefix = `f${++last}`;
  await using jobs = gateway(prefix);
  await using _ = worker(prefix);
  const { id } = await submit(jobs, 150, 25);
  const viewers = [view(jobs, id), view(jobs, id)];
  await until("frame 30", async () => (await jobs.log.head(id)).seq >= 30);
  await server!.stop("SIGKILL");
  await wait(500);
  await server!.start();
  for (const seen of await Promise.all(viewers)) {
    report("kill -9 of Redis", seen);
    expect(seen.places).toEqual(count(150));
    expect(seen.end).toBe("completed 150");
  }
  await jobs.engine.check();
});

test("a full disk: writes fail, reads and readiness tell, and it goes on when there is room", async () => {
  const prefix = `f${++last}`;
  await using jobs = gateway(prefix);
  await using _ = worker(prefix);
  const { id } = await submit(jobs, 200, 25);
  const viewer = view(jobs, id);
  await until("frame 30", async () => (await jobs.log.head(id)).seq >= 30);
  const limit = (bytes: string) =>
    execFileSync("prlimit", ["--pid", String(server!.processId), `--fsize=${bytes}:unlimited`]);
  limit("1000");
  await until("it is not ready", () =>
    jobs.engine.check().then(
      () => false,
      () => true,
    ),
  );
  await expect(jobs.engine.check()).rejects.toThrow("Redis takes no writes");
  await expect(submit(jobs, 1)).rejects.toMatchObject({ code: "unavailable" });
  await expect(jobs.engine.cancel(id)).rejects.toMatchObject({ code: "unavailable" });
  expect((await jobs.log.head(id)).seq, "reads are answered").toBeGreaterThanOrEqual(30);
  await wait(500);
  limit("unlimited");
  const seen = await viewer;
  report("full disk", seen);
  expect(seen.places).toEqual(count(200));
  expect(seen.end).toBe("completed 200");
  await jobs.engine.check();
});
