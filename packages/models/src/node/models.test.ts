import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tensor } from "@prosopon/graph";
import { narrow, widen } from "@prosopon/weights";
import { afterEach, beforeEach, expect, test } from "vitest";
import { declaredParameters } from "../declared-parameters.ts";
import { type ModelKind, modelKinds } from "../manifest.ts";
import { microManifest, microParameters } from "../testing/micro-model.ts";
import { listModels } from "./list-models.ts";
import { openModel, openModelFolder } from "./open-model.ts";
import { refusal } from "./refusal.test.support.ts";
import { writeModel } from "./write-model.ts";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "prosopon-models-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(kind: ModelKind, name = kind as string, folder = root, dtype?: "float16") {
  const { files: _, specification: __, ...manifest } = microManifest(kind, { name });
  const parameters = microParameters(microManifest(kind));
  return {
    parameters,
    manifest: await writeModel(folder, { manifest, parameters, ...(dtype === undefined ? {} : { dtype }) }),
  };
}

test.each(modelKinds)("%s: what is written opens again, value for value", async (kind) => {
  const { parameters, manifest } = await write(kind);
  const model = await openModel([root], kind, { kind });
  expect(model.manifest).toEqual(manifest);
  expect(Object.keys(model.parameters)).toEqual([...parameters.keys()]);
  expect(model.weights.names).toEqual([...declaredParameters(manifest).keys()]);
  for (const name of model.weights.names) expect(await model.weights.read(name)).toEqual(parameters.get(name));
  expect(await readFile(join(root, kind, "README.md"), "utf8")).toContain(manifest.files[0]!.sha256);
});

test("float16 halves the file and widens when read", async () => {
  const wide = await write("emotion-classifier", "wide");
  const half = await write("emotion-classifier", "half", root, "float16");
  expect(half.manifest.files[0]!.bytes).toBeLessThan(0.6 * wide.manifest.files[0]!.bytes);
  const { weights, parameters } = await openModel([root], "half");
  const name = "head.weight";
  expect(parameters[name]!.dtype).toBe("float16");
  expect(await weights.read(name)).toEqual(widen(narrow(half.parameters.get(name)!)));
});

test("an earlier folder hides a later one, and a broken model hides no other", async () => {
  const [first, second] = [join(root, "a"), join(root, "b")];
  await write("first-stage", "x", first);
  await write("emotion-classifier", "x", second);
  await write("identity-embedder", "y", second);
  await mkdir(join(first, "broken"));
  await writeFile(join(first, "broken", "model.json"), "{");
  const models = await listModels([join(root, "absent"), first, second]);
  expect(models.map((m) => [m.name, m.manifest?.kind])).toEqual([
    ["broken", undefined],
    ["x", "first-stage"],
    ["y", "identity-embedder"],
  ]);
  expect(models[0]!.error?.code).toBe("bad-file");
});

test("a second write replaces the first and leaves nothing beside it", async () => {
  await write("emotion-classifier", "x");
  await write("identity-embedder", "x");
  expect((await openModel([root], "x")).manifest.kind).toBe("identity-embedder");
  expect(await readdir(root)).toEqual(["x"]);
});

test("refusals name the file, the value and the mend", async () => {
  await write("emotion-classifier", "x");
  const file = join(root, "x", "model.safetensors");
  const whole = await readFile(file);

  const absent = await refusal(openModel([root], "y"));
  expect(absent.code).toBe("not-found");
  expect(absent.message).toContain("Use one of: x.");
  expect((await refusal(openModel([root], "x", { kind: "first-stage" }))).message).toContain("emotion-classifier");

  const flipped = Uint8Array.from(whole);
  flipped[flipped.length - 1]! ^= 1;
  await writeFile(file, flipped);
  const hash = await refusal(openModel([root], "x"));
  expect(hash.code).toBe("bad-file");
  expect(hash.message).toContain(file);
  expect(hash.message).toContain(`${hash.values["sha256"]}`);

  await truncate(file, whole.length - 4);
  expect((await refusal(openModel([root], "x"))).message).toContain(`has ${whole.length - 4} bytes`);
  await rm(file);
  expect((await refusal(openModel([root], "x"))).message).toContain("missing");
});

test("weights of another shape are refused by name and shapes", async () => {
  const { manifest } = await write("emotion-classifier", "x");
  if (manifest.kind !== "emotion-classifier") throw new Error("wrong kind");
  const edited = { ...manifest, config: { ...manifest.config, classes: ["good", "bad"] } };
  await writeFile(join(root, "x", "model.json"), JSON.stringify(edited));
  const shape = await refusal(openModel([root], "x"));
  expect(shape.code).toBe("bad-file");
  expect(shape.message).toMatch(/head\.weight has the shape \[8,\d+\], its config wants \[2,\d+\]/);

  await writeFile(
    join(root, "x", "model.json"),
    JSON.stringify({ ...edited, config: { ...edited.config, architecture: "residual" } }),
  );
  expect((await refusal(openModel([root], "x"))).message).toContain("hold no stage.0");
});

test("a copied folder must keep its name", async () => {
  await write("emotion-classifier", "x");
  await cp(join(root, "x"), join(root, "z"), { recursive: true });
  expect((await refusal(openModelFolder(join(root, "z")))).message).toContain('names the model "x"');
});

test("writing refuses missing, unknown and ill-shaped parameters and leaves nothing", async () => {
  const { files: _, specification: __, ...manifest } = microManifest("emotion-classifier");
  const good = microParameters(microManifest("emotion-classifier"));
  const without = new Map(good);
  without.delete("head.bias");
  const wrong = new Map(good).set("head.bias", tensor("float32", [3]));
  const more = new Map(good).set("extra", tensor("float32", [3]));
  expect((await refusal(writeModel(root, { manifest, parameters: without }))).message).toContain(
    "head.bias is missing",
  );
  expect((await refusal(writeModel(root, { manifest, parameters: wrong }))).message).toContain("[3], not [8]");
  expect((await refusal(writeModel(root, { manifest, parameters: more }))).message).toContain("extra");
  const stopped = await refusal(writeModel(root, { manifest, parameters: good, signal: AbortSignal.abort() }));
  expect(stopped.code).toBe("cancelled");
  expect(await readdir(root)).toEqual([]);
});
