import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { trainInChild } from "./train-in-child.ts";

const folder = join(tmpdir(), `prosopon-train-in-child-${process.pid}`);
const options = { folder, cache: join(folder, "cache"), seed: 1, steps: 1, batch: 1, learningRate: 1e-3 };
afterAll(() => rm(folder, { recursive: true, force: true }));

test("what the run refuses in the child is refused here, with its values and its mend", async () => {
  const from = join(folder, "absent");
  await expect(trainInChild("landmarks", { ...options, from }).next()).rejects.toMatchObject({
    code: "not-found",
    values: { file: from },
    cause: expect.stringContaining("startingFile"),
  });
  await expect(trainInChild("reenactment", options).next()).rejects.toMatchObject({
    code: "bad-input",
    message: "The recipe reenactment needs a first stage. Give --set first-stage=FOLDER.",
    mend: "Give --set first-stage=FOLDER.",
  });
});

test("a run that is stopped at once leaves nothing to go on from", async () => {
  const run = trainInChild("landmarks", { ...options, signal: AbortSignal.abort() });
  await expect(run.next()).rejects.toMatchObject({ code: "cancelled" });
  const left = await readdir(folder, { recursive: true }).catch(() => []);
  expect(left.filter((name) => name.endsWith(".safetensors") || name === "run.json")).toEqual([]);
});
