import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openModelFolder, writeModel } from "@prosopon/models/node";
import { microManifest, microParameters } from "@prosopon/models/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { patience, startProsopon } from "../start-prosopon.test.support.ts";

let root = "";
const prosopon = (...args: readonly string[]) => startProsopon(args, { cwd: root }).ended;
const faces = () => join(root, "faces");
const person = () => join(faces(), "1.png");

/** Networks wide enough for int8, with random weights. */
async function addModels(domain: "rendered portraits" | "photographs", name: string): Promise<void> {
  for (const kind of ["first-stage", "reenactment"] as const) {
    const named = kind === "reenactment" ? name : `${name}-stage`;
    const manifest = microManifest(kind, { name: named, domain, channels: 16, firstStage: `${name}-stage` });
    const { files: _, specification: __, ...fields } = manifest;
    await writeModel(join(root, "models"), { manifest: fields, parameters: microParameters(manifest) });
  }
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "prosopon-calibrate-"));
  await mkdir(faces());
  await mkdir(join(root, "empty"));
  await addModels("rendered portraits", "drawn");
  await addModels("photographs", "photographed");
  for (const seed of ["1", "2", "3"])
    expect(await prosopon("portrait", "--seed", seed, "-o", join(faces(), `${seed}.png`))).toMatchObject({ code: 0 });
}, patience);
afterAll(() => rm(root, { recursive: true, force: true }));

const quick = ["--steps", "2", "--strength", "300"];
const edit = (precision: string, output: string) =>
  prosopon(
    ...["reenact", person(), "--to", "sad", "--from", "happy", "--model", "drawn", ...quick],
    ...["--precision", precision, "--json", "-o", join(root, output)],
  );

test("a model is calibrated on drawn portraits, judged on others, and edits in int8", {
  timeout: patience,
}, async () => {
  const before = await edit("int8", "early.png");
  expect([before.code, before.stderr]).toEqual([2, expect.stringContaining("prosopon models calibrate drawn")]);
  const { code, stdout, stderr } = await prosopon("models", "calibrate", "drawn", "--count", "2", ...quick, "--json");
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^measuring [\s\S]*judging 16\/16/)]);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({
    models: [join(root, "models", "drawn"), join(root, "models", "drawn-stage")],
    pictures: { measured: 2, judged: 1 },
    quality: { decoded: { count: 2 }, edited: { count: 2 } },
  });
  expect(report.quality.decoded.mean).toBeGreaterThan(15);
  expect(report.quality.time).toBeGreaterThan(0);
  const { ranges } = await openModelFolder(join(root, "models", "drawn"));
  expect(Object.keys(ranges!)).toHaveLength(report.operators.denoiser);
  expect(report.operators.firstStage).toBeGreaterThan(5);
  expect((await prosopon("models", "info", "drawn")).stdout).toContain("Calibrated for int8");

  const done = await edit("int8", "int8.png");
  expect([done.code, JSON.parse(done.stdout)]).toEqual([
    0,
    expect.objectContaining({ precision: "int8", device: "cpu" }),
  ]);
  expect((await edit("float32", "float32.png")).code).toBe(0);
  const [fast, exact] = await Promise.all(["int8.png", "float32.png"].map((name) => readFile(join(root, name))));
  expect(Buffer.compare(fast!, exact!)).not.toBe(0);
});

test("on pictures of one's own, into another folder; the model itself stays", { timeout: patience }, async () => {
  await mkdir(join(root, "calibrated"));
  // The bytes of no picture are passed over.
  await writeFile(join(faces(), "2b.png"), "no picture");
  const args = ["photographed", "--pictures", faces(), "--count", "8", "-o", "calibrated"];
  const { code, stdout } = await prosopon("models", "calibrate", ...args, ...quick, "--json");
  expect(code).toBe(0);
  const { pictures, warnings } = JSON.parse(stdout);
  expect(pictures).toEqual({ measured: 2, judged: 1 });
  expect(warnings.join()).toContain("2b.png is left out");
  expect((await readdir(join(root, "calibrated"))).sort()).toEqual(["photographed", "photographed-stage"]);
  expect((await openModelFolder(join(root, "calibrated", "photographed"))).ranges).toBeDefined();
  expect((await openModelFolder(join(root, "models", "photographed"))).ranges).toBeUndefined();
});

test("refusals: exit code 2, one line, nothing written", { timeout: patience }, async () => {
  for (const [message, ...args] of [
    ["comes with Prosopon", "reenactment-portraits"],
    ["--pictures", "photographed"],
    ["Two pictures are the least, not 1", "photographed", "--pictures", person()],
    ["There is no nowhere", "photographed", "--pictures", "nowhere"],
    ["holds no pictures", "photographed", "--pictures", "empty"],
    ["There is no model", "nobody"],
    ["the folder", "drawn", "-o", join(person(), "below")],
    ["--count 0", "drawn", "--count", "0"],
    ["do not fit below strength", "drawn", "--steps", "500", "--strength", "10"],
  ] as const) {
    const { code, stdout, stderr } = await prosopon("models", "calibrate", ...args);
    expect([args, code, stdout]).toEqual([args, 2, ""]);
    expect(stderr.trimEnd().split("\n")).toEqual([expect.stringMatching(/^prosopon: /)]);
    expect(stderr).toContain(message);
  }
  expect((await openModelFolder(join(root, "models", "photographed"))).ranges).toBeUndefined();
});
