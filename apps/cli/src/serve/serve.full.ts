import { type ChildProcess, execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startProsopon } from "../start-prosopon.test.support.ts";

const repository = new URL("../../../../", import.meta.url);
const execute = promisify(execFile);
const patience = 120_000;

/** A third party's package, packed and installed outside of the repository, with copies of its own of what it needs. */
const foreign = `
import { setTimeout as sleep } from "node:timers/promises";
import { file } from "@prosopon/jobs";
import * as z from "zod";
export const applications = ({ device }) => [{
  specification: "application/v1",
  name: "count-up",
  description: "Counts in pictures.",
  input: z.strictObject({ count: z.int().min(1).max(100).default(3).describe("How far."), word: z.enum(["one", "two"]).default("one"), loud: z.boolean().default(false), picture: file({ accept: ["image/*"], limit: 2 ** 20 }).optional() }),
  output: "frames",
  async *run({ count, word, loud, picture }, { signal }) {
    for (let index = 0; index < count; index++) {
      await sleep(20, undefined, { signal });
      yield { event: "frame", index, pts: index / 25, duration: 1 / 25, width: 1, height: 1, mime: "image/jpeg", bytes: Uint8Array.of(0xff, 0xd8, 0xff, index) };
    }
    return { name: "count.txt", mime: "text/plain", bytes: new TextEncoder().encode([device, count, word, loud, picture ? picture.bytes.length : "none"].join(" ")) };
  },
}];
`;

let root = "";
const running = new Set<ChildProcess>();
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "serve-"));
  const source = join(root, "source");
  await mkdir(source);
  await writeFile(join(source, "index.mjs"), foreign);
  const { version } = JSON.parse(await readFile(new URL("package.json", repository), "utf8"));
  const zod = JSON.parse(await readFile(new URL("packages/jobs/package.json", repository), "utf8")).dependencies.zod;
  const manifest = { name: "count-up", version: "1.0.0", exports: "./index.mjs" };
  const dependencies = { "@prosopon/jobs": version, zod };
  await writeFile(join(source, "package.json"), JSON.stringify({ ...manifest, dependencies }));
  const pack = async (cwd: string, ...args: string[]) =>
    (await execute("npm", ["pack", "--ignore-scripts", "--pack-destination", root, ...args], { cwd })).stdout
      .trim()
      .split("\n")
      .map((name) => `./${name}`);
  const ours = await pack(fileURLToPath(repository), "--workspace", "packages/errors", "--workspace", "packages/jobs");
  const tarballs = [...ours, ...(await pack(source))];
  await rm(source, { recursive: true });
  await writeFile(join(root, "package.json"), JSON.stringify({ private: true }));
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
  await execute("npm", ["install", ...quiet, ...tarballs], { cwd: root });
}, 600_000);
afterAll(async () => {
  for (const child of running) child.kill("SIGKILL");
  await rm(root, { recursive: true, force: true });
});

function start(args: readonly string[], env: Record<string, string> = {}) {
  const started = startProsopon(args, { cwd: root, home: join(root, "home"), env });
  const { child, ended } = started;
  running.add(child);
  child.once("close", () => running.delete(child));
  const said = async (pattern: RegExp): Promise<RegExpExecArray> => {
    while (true) {
      const found = pattern.exec(started.said.stdout);
      if (found) return found;
      if (child.exitCode !== null) throw new Error(`it ended before: ${started.said.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, ended, said };
}

const png = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(92)]);
const only = ["--no-default-applications", "--application", "count-up"];

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
  expect(await (await fetch(`${url}/v1/jobs/${countUp.id}/artifact`)).text()).toBe("cpu 4 two false none");
  const upload = await (await fetch(`${url}/uploads`, { method: "POST", body: png })).json();
  const second = await ask(
    `mutation { countUp(input: { count: 1, picture: "${upload.id}" }, idempotencyKey: "b") { id } }`,
  );
  await (await fetch(`${url}/v1/jobs/${second.countUp.id}/frames`)).arrayBuffer();
  expect(await (await fetch(`${url}/v1/jobs/${second.countUp.id}/artifact`)).text()).toBe("cpu 1 one false 100");
  // Its copies are its own: nothing is shared with the gateway but the interface.
  for (const name of ["zod", "@prosopon/jobs", "count-up"])
    expect((await lstat(join(root, "node_modules", name))).isSymbolicLink(), name).toBe(false);
  child.kill("SIGTERM");
  const { code, stderr } = await ended;
  expect(code).toBe(0);
  for (const line of stderr.trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("event");
});

test("the same application is a command with options, help and checks of its own", { timeout: patience }, async () => {
  const run = (...args: string[]) => start(["--application", "count-up", "count-up", ...args]).ended;
  await writeFile(join(root, "in.png"), png);
  const [help, done, bad, lost] = await Promise.all([
    run("--help"),
    run("--count", "2", "--word", "two", "--loud", "-o", "out.txt", "--save-frames", "frames", "--json"),
    run("--word", "three"),
    run("--picture", "in.png", "-o", "in.png"),
  ]);
  expect(help.stdout).toContain("How far.");
  expect([done.code, done.stderr]).toEqual([0, ""]);
  expect(JSON.parse(done.stdout)).toMatchObject({ command: "count-up", frames: 2, bytes: 19 });
  expect(await readFile(join(root, "out.txt"), "utf8")).toBe("cpu 2 two true none");
  expect(await readdir(join(root, "frames"))).toEqual(["000000.jpg", "000001.jpg"]);
  expect([bad.code, bad.stderr]).toEqual([2, expect.stringContaining("Choose one of one, two")]);
  expect([lost.code, lost.stderr]).toEqual([2, expect.stringContaining("is the input in.png")]);
  expect(await readFile(join(root, "in.png"))).toEqual(png);
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
