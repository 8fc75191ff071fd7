import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tensor } from "@prosopon/graph";
import type { Artifact } from "@prosopon/jobs";
import { openModelFolder, writeModel, writeRanges } from "@prosopon/models/node";
import { microManifest, microParameters } from "@prosopon/models/testing";
import { calibrate, finish } from "@prosopon/reenactment";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { reenactApplication } from "./reenact-application.ts";

let root = "";
const folder = (kind: string) => join(root, "models", `micro-${kind}`);
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "prosopon-reenact-"));
  for (const kind of ["first-stage", "reenactment"] as const) {
    const manifest = microManifest(kind, { channels: 16 });
    await writeModel(join(root, "models"), { manifest, parameters: microParameters(manifest) });
  }
});
afterAll(() => rm(root, { recursive: true }));

const application = () => reenactApplication({ folders: [join(root, "models")], version: "1" });

/** A run of an application of its own, which reads the models again. */
async function run(input: Readonly<Record<string, unknown>>): Promise<Artifact> {
  const reenact = application();
  const given = reenact.input.parse({ person: 3, from: "neutral", to: ["happy"], steps: 2, ...input });
  const events = reenact.run(given, { device: "cpu", folder: root, signal: new AbortController().signal });
  try {
    let step = await events.next();
    while (!step.done) step = await events.next();
    return step.value;
  } finally {
    await reenact.close?.();
  }
}

test("int8 is refused before a model was calibrated, and is another precision of the same edit afterwards", async () => {
  await expect(run({ precision: "int8" })).rejects.toThrow(
    /was not calibrated for int8.*models calibrate micro-reenactment/,
  );
  const plain = await run({});
  expect(plain.table).toMatchObject({ settings: { precision: "float32", steps: 2 } });
  // What was not asked for is told too.
  expect(plain.table).toMatchObject({
    settings: { strength: 500, guidance: 5, sampler: "dpmpp-2m", sigmas: "karras" },
  });

  const first = await openModelFolder(folder("first-stage"), { kind: "first-stage" });
  const model = await openModelFolder(folder("reenactment"), { kind: "reenactment" });
  await using host = await createHost({ kind: "in-process", threads: 1 });
  const firstStage = { config: first.manifest.config, parameters: first.parameters };
  const denoiser = { config: model.manifest.config, parameters: model.parameters };
  const image = tensor(
    "float32",
    [1, 3, 128, 128],
    Float32Array.from({ length: 49152 }, (_, i) => Math.sin(i / 50)),
  );
  const edits = [{ image, from: "neutral", to: ["happy"], steps: 2 }];
  const ranges = await finish(calibrate({ host, firstStage, denoiser, edits }));
  await writeRanges({ model: folder("first-stage"), ranges: ranges.firstStage, measured: "A wave." });
  await writeRanges({ model: folder("reenactment"), ranges: ranges.denoiser, measured: "A wave." });

  const fast = await run({ precision: "int8" });
  expect(fast.table).toMatchObject({ settings: { precision: "int8" } });
  expect(fast.bytes).not.toEqual(plain.bytes);
  expect((await run({})).bytes).toEqual(plain.bytes);
});

test("other precisions are refused", () => {
  expect(() => application().input.parse({ person: 3, to: ["happy"], precision: "int4" })).toThrow(/precision/);
});
