import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ModelKind } from "../manifest.ts";
import { parseRanges, rangesText } from "../ranges.ts";
import { microManifest, microParameters } from "../testing/micro-model.ts";
import { openModelFolder } from "./open-model.ts";
import { refusal } from "./refusal.test.support.ts";
import { writeModel } from "./write-model.ts";
import { writeRanges } from "./write-ranges.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "prosopon-ranges-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const ranges = { "a.weight": { input: [-1, 2.5], output: [0, 3] }, "b.weight": { input: [0, 1e-9] } } as const;
const measured = "Nothing real.";

async function written(kind: ModelKind): Promise<string> {
  const { files: _, specification: __, ...manifest } = microManifest(kind, { name: kind });
  await writeModel(root, { manifest, parameters: microParameters(microManifest(kind)) });
  return join(root, kind);
}

test("a model gets ranges in its place, is checked with them, and keeps its weights and card", async () => {
  const folder = await written("reenactment");
  const before = await openModelFolder(folder);
  expect(before.ranges).toBeUndefined();
  const card = await readFile(join(folder, "README.md"), "utf8");
  const manifest = await writeRanges({ model: folder, ranges, measured });
  const after = await openModelFolder(folder);
  expect(after.ranges).toEqual(ranges);
  expect(after.manifest).toEqual(manifest);
  expect(after.manifest).toMatchObject({ files: before.manifest.files, ranges: { name: "ranges.json" } });
  expect(await readFile(join(folder, "README.md"), "utf8")).toBe(card);
  await writeRanges({ model: folder, ranges: {}, measured });
  expect((await openModelFolder(folder)).ranges).toEqual({});
  expect(await readdir(root)).toEqual(["reenactment"]);
});

test("in another folder a copy gets them, and the model stays as it was", async () => {
  const folder = await written("first-stage");
  const other = join(root, "other");
  await mkdir(other);
  await writeRanges({ model: folder, ranges, measured, folder: other });
  expect((await openModelFolder(folder)).ranges).toBeUndefined();
  const copy = await openModelFolder(join(other, "first-stage"));
  expect(copy.ranges).toEqual(ranges);
  expect(await copy.weights.read("decoder.conv_in.bias")).toEqual(
    microParameters(microManifest("first-stage")).get("decoder.conv_in.bias"),
  );
});

test("a changed, damaged or missing file is refused; so is a kind that int8 is not for", async () => {
  const folder = await written("first-stage");
  await writeRanges({ model: folder, ranges, measured });
  const file = join(folder, "ranges.json");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace("2.5", "9.5"));
  expect(await refusal(openModelFolder(folder))).toMatchObject({
    code: "bad-file",
    message: expect.stringMatching(/^.*ranges.json has the sha256/),
  });
  await rm(file);
  expect(await refusal(openModelFolder(folder))).toMatchObject({
    code: "not-found",
    message: expect.stringMatching(/^.*ranges.json is missing/),
  });
  const judge = await written("emotion-classifier");
  expect(await refusal(writeRanges({ model: judge, ranges, measured }))).toMatchObject({
    code: "bad-input",
    message: expect.stringMatching(/^A model of the kind/),
  });
});

test.each([
  ["no JSON", "{", "is no ranges/v1"],
  ["another specification", JSON.stringify({ specification: "ranges/v2", measured, ranges }), "specification"],
  ["a range upside down", rangesText({ a: { input: [2, 1] } }, measured), "ranges.a.input"],
  ["no number", rangesText({ a: { input: [0, Number.NaN] } }, measured), "ranges.a.input"],
])("text with %s is refused", async (_, text, message) => {
  expect(await refusal((async () => parseRanges(text, "x.json"))())).toMatchObject({
    code: "bad-file",
    message: expect.stringMatching(/^x.json/),
  });
  expect((await refusal((async () => parseRanges(text, "x.json"))())).message).toContain(message);
});

test("text and ranges come back from each other, to five digits", () => {
  expect(parseRanges(rangesText(ranges, measured))).toEqual(ranges);
  expect(parseRanges(rangesText({ a: { input: [-1.234567, 9.876543] } }, ""))).toEqual({
    a: { input: [-1.2346, 9.8765] },
  });
  expect(parseRanges(rangesText({}, ""))).toEqual({});
});
