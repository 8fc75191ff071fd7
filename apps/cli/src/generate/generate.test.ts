import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readImage } from "@prosopon/media/node";
import type { ModelKind } from "@prosopon/models";
import { writeModel } from "@prosopon/models/node";
import { microManifest, microParameters } from "@prosopon/models/testing";
import { read } from "@prosopon/provenance";
import { afterAll, beforeAll, expect, test } from "vitest";
import { patience, startProsopon } from "../start-prosopon.test.support.ts";

let root = "";
const prosopon = (...args: readonly string[]) => startProsopon(args, { cwd: root }).ended;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "prosopon-generate-"));
  for (const kind of ["first-stage", "reenactment", "identity-embedder"] satisfies ModelKind[]) {
    const manifest = microManifest(kind, { name: `micro-${kind}`, role: "judge" });
    const { files: _, specification: __, ...fields } = manifest;
    await writeModel(join(root, "models"), { manifest: fields, parameters: microParameters(manifest) });
  }
  await mkdir(join(root, "people"));
  for (const seed of ["1", "2", "3"])
    expect((await prosopon("portrait", "--seed", seed, "--size", "128", "-o", `people/${seed}.png`)).code).toBe(0);
}, patience);
afterAll(() => rm(root, { recursive: true, force: true }));

test("generate: a marked picture; a sheet of all; the same seed, the same bytes", { timeout: patience }, async () => {
  const args = [
    "generate",
    "--emotion",
    "fear",
    "--steps",
    "2",
    "--sampler",
    "unipc",
    "--sigmas",
    "karras",
    "--seed",
    "5",
  ];
  const made = await prosopon(...args, "-o", "a.png", "--json");
  expect(made.code).toBe(0);
  expect(JSON.parse(made.stdout)).toMatchObject({
    command: "generate",
    emotions: ["scared"],
    settings: { sampler: "unipc", sigmas: "karras" },
  });
  const bytes = await readFile(join(root, "a.png"));
  expect(read(bytes)).toMatchObject({ kind: "trainedAlgorithmicMedia", model: "micro-reenactment" });
  const { width, height } = await readImage(join(root, "a.png"));
  expect([width, height]).toEqual([128, 128]);
  await prosopon(...args, "-o", "b.png");
  expect(Buffer.compare((await readImage(join(root, "b.png"))).data, (await readImage(join(root, "a.png"))).data)).toBe(
    0,
  );
  const all = await prosopon(
    "generate",
    "--all",
    "--same-face",
    "--count",
    "2",
    "--steps",
    "1",
    "-o",
    "all.png",
    "--json",
  );
  expect(JSON.parse(all.stdout).emotions).toHaveLength(16);
});

test("interpolate: a labelled strip with both ends", { timeout: patience }, async () => {
  const made = await prosopon(
    "interpolate",
    "people/1.png",
    "people/2.png",
    "--from",
    "neutral",
    "happy",
    "--count",
    "3",
    "--steps",
    "2",
    "--eta",
    "1",
    "-o",
    "strip.png",
    "--json",
  );
  expect(made.code).toBe(0);
  expect(JSON.parse(made.stdout)).toMatchObject({
    lambdas: [0, 0.5, 1],
    from: ["neutral", "happy"],
    to: ["neutral", "happy", "happy"],
  });
  expect(read(await readFile(join(root, "strip.png")))?.kind).toBe("compositeWithTrainedAlgorithmicMedia");
  expect((await readImage(join(root, "strip.png"))).width).toBeGreaterThan(5 * 128);
});

test("neighbours: itself left out, by pixel and feature, with a contact sheet", { timeout: patience }, async () => {
  for (const by of ["pixel", "feature"]) {
    const found = await prosopon("neighbours", "people/1.png", "people", "--by", by, "-o", `${by}.png`, "--json");
    expect(found.code).toBe(0);
    const { neighbours, compared } = JSON.parse(found.stdout);
    expect(compared).toBe(2);
    expect(neighbours.map((one: { file: string }) => one.file).sort()).toEqual(["people/2.png", "people/3.png"]);
    expect(neighbours[0].distance).toBeLessThanOrEqual(neighbours[1].distance);
  }
  expect(await readdir(root)).toContain("feature.png");
});

test("refusals: exit code 2 and one line, before anything is computed", { timeout: patience }, async () => {
  for (const args of [
    ["generate", "-o", "x.png"],
    ["generate", "--emotion", "glad", "-o", "x.png"],
    ["generate", "--emotion", "sad", "--sampler", "magic", "-o", "x.png"],
    ["generate", "--emotion", "sad", "--eta", "2", "-o", "x.png"],
    ["interpolate", "people/1.png", "absent.png", "-o", "x.png"],
    ["neighbours", "people/1.png", "absent"],
    ["neighbours", "people/1.png", "people", "-o", "people/2.png"],
  ]) {
    const { code, stdout, stderr } = await prosopon(...args);
    expect([args, code, stdout]).toEqual([args, 2, ""]);
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(/^prosopon: /);
  }
  expect(await readdir(root)).not.toContain("x.png");
});
