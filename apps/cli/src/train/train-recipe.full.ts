import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Outcome, startProsopon } from "../start-prosopon.test.support.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "prosopon-train-"));
});
afterAll(() => rm(root, { recursive: true }));

/** Trains until it says that it does, then Ctrl-C: as a terminal sends it, to the whole group. */
function interrupted(): Promise<Outcome> {
  const args = "train landmarks -o run --cache cache --steps 100000 --batch 2 --json";
  const settings = ["--set", "pictures=20", "--set", "architecture=slim"];
  const { child, said, ended } = startProsopon([...args.split(" "), ...settings], { cwd: root, detached: true });
  let sent = false;
  child.stderr.on("data", () => {
    if (sent || !/training \d/.test(said.stderr)) return;
    sent = true;
    process.kill(-child.pid!, "SIGINT");
  });
  return ended;
}

test("Ctrl-C saves a checkpoint, and the same command goes on from it", async () => {
  const first = await interrupted();
  expect(first.stderr).toContain("step 0 of 100000");
  expect(first.stderr).toContain("goes on where it stopped");
  expect(first.code).toBe(130);
  expect(JSON.parse(first.stdout).error.code).toBe("cancelled");
  const kept = (await readdir(join(root, "run"))).map((name) => /^step-(\d+)\.safetensors$/.exec(name)?.[1]);
  const step = Number(kept.find((one) => one !== undefined));
  expect(step).toBeGreaterThan(0);
  const second = await interrupted();
  expect(second.stderr).toContain(`step ${step} of 100000`);
  expect(second.code).toBe(130);
});
