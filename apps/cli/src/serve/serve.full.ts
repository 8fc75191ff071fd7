import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const launcher = fileURLToPath(new URL("../../bin/prosopon.mjs", import.meta.url));
const patience = 120_000;

/** A third party's package, outside of the repository. */
const foreign = `
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
export const applications = ({ device }) => [{
  specification: "application/v1",
  name: "count-up",
  description: "Counts in pictures.",
  input: z.strictObject({ count: z.int().min(1).max(100).default(3).describe("How far."), word: z.enum(["one", "two"]).default("one"), loud: z.boolean().default(false) }),
  output: "frames",
  async *run({ count, word, loud }, { signal }) {
    for (let index = 0; index < count; index++) {
      await sleep(20, undefined, { signal });
      yield { event: "frame", index, pts: index / 25, duration: 1 / 25, width: 1, height: 1, mime: "image/jpeg", bytes: Uint8Array.of(0xff, 0xd8, 0xff, index) };
    }
    return { name: "count.txt", mime: "text/plain", bytes: new TextEncoder().encode([device, count, word, loud].join(" ")) };
  },
}];
`;

let root = "";
const running = new Set<ChildProcess>();
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "serve-"));
  await writeFile(join(root, "foreign.mjs"), foreign);
  await symlink(fileURLToPath(new URL("../../../../node_modules", import.meta.url)), join(root, "node_modules"));
});
afterAll(async () => {
  for (const child of running) child.kill("SIGKILL");
  await rm(root, { recursive: true, force: true });
});

function start(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [launcher, ...args], {
    cwd: root,
    env: { ...process.env, PROSOPON_HOME: join(root, "home"), ...env },
  });
  running.add(child);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (text) => (stdout += text));
  child.stderr.on("data", (text) => (stderr += text));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once("close", (code) => {
      running.delete(child);
      resolve({ code, stdout, stderr });
    }),
  );
  const said = async (pattern: RegExp): Promise<RegExpExecArray> => {
    while (true) {
      const found = pattern.exec(stdout);
      if (found) return found;
      if (child.exitCode !== null) throw new Error(`it ended before: ${stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, ended, said };
}

const only = ["--no-default-applications", "--application", "./foreign.mjs"];

test("a foreign package's application is a mutation that streams frames from a worker; SIGTERM drains and ends with 0", {
  timeout: patience,
}, async () => {
  const { child, ended, said } = start(["serve", "--port", "0", ...only]);
  const [, url = ""] = await said(/GraphQL {2}(\S+)\/graphql/);
  const ask = async (query: string) =>
    (
      await (
        await fetch(`${url}/graphql`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ query }),
        })
      ).json()
    ).data;
  expect((await ask("{ applications { name mutation description } }")).applications).toEqual([
    { name: "count-up", mutation: "countUp", description: "Counts in pictures." },
  ]);
  const { countUp } = await ask('mutation { countUp(input: { count: 4, word: TWO }, idempotencyKey: "a") { id } }');
  const bytes = Buffer.from(await (await fetch(`${url}/v1/jobs/${countUp.id}/frames`)).arrayBuffer());
  const types: number[] = [];
  for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at)) types.push(bytes.readUInt8(at + 4));
  expect(types.filter((type) => type !== 0)).toEqual([1, 1, 1, 1, 4]);
  expect(await (await fetch(`${url}/v1/jobs/${countUp.id}/artifact`)).text()).toBe("cpu 4 two false");
  child.kill("SIGTERM");
  const { code, stderr } = await ended;
  expect(code).toBe(0);
  for (const line of stderr.trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("event");
});

test("the same application is a command with options, help and checks of its own", { timeout: patience }, async () => {
  const run = (...args: string[]) => start(["--application", "./foreign.mjs", "count-up", ...args]).ended;
  const [help, done, bad] = await Promise.all([
    run("--help"),
    run("--count", "2", "--word", "two", "--loud", "-o", "out.txt", "--save-frames", "frames", "--json"),
    run("--word", "three"),
  ]);
  expect(help.stdout).toContain("How far.");
  expect([done.code, done.stderr]).toEqual([0, ""]);
  expect(JSON.parse(done.stdout)).toMatchObject({ command: "count-up", frames: 2, bytes: 14 });
  expect(await readFile(join(root, "out.txt"), "utf8")).toBe("cpu 2 two true");
  expect(await readdir(join(root, "frames"))).toEqual(["000000.jpg", "000001.jpg"]);
  expect([bad.code, bad.stderr]).toEqual([2, expect.stringContaining("Choose one of one, two")]);
});

test("without credentials no other host; without Redis no gateway without workers; bad modules are told", {
  timeout: patience,
}, async () => {
  const outcomes = await Promise.all([
    start(["serve", "--host", "0.0.0.0", ...only]).ended,
    start(["serve", "--no-worker", ...only]).ended,
    start(["serve", "--no-default-applications", "--application", "./none.mjs"]).ended,
    start(["worker", ...only]).ended,
  ]);
  expect(outcomes.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
  const said = ["this machine only", "no job would ever run", "There is no module", "--redis"];
  for (const [at, words] of said.entries()) {
    expect(outcomes[at]?.stderr).toContain(words);
    expect(outcomes[at]?.stderr.trim().split("\n")).toHaveLength(1);
  }
  expect(existsSync(join(root, "none.mjs"))).toBe(false);
});
