import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const launcher = fileURLToPath(new URL("../../bin/prosopon.mjs", import.meta.url));

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "prosopon-train-"));
});
afterAll(() => rm(root, { recursive: true }));

/** Trains until it says that it does, then Ctrl-C: as a terminal sends it, to the whole group. */
function interrupted(): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const args = "train landmarks -o run --cache cache --steps 100000 --batch 2 --json";
  const settings = ["--set", "pictures=20", "--set", "architecture=slim"];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [launcher, ...args.split(" "), ...settings], { cwd: root, detached: true });
    const said = { stdout: "", stderr: "" };
    let sent = false;
    child.stdout.on("data", (data) => {
      said.stdout += data;
    });
    child.stderr.on("data", (data) => {
      said.stderr += data;
      if (sent || !/training \d/.test(said.stderr)) return;
      sent = true;
      process.kill(-child.pid!, "SIGINT");
    });
    child.on("error", reject).on("close", (code) => resolve({ code, ...said }));
  });
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
