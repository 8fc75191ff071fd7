import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { patience, startProsopon } from "../start-prosopon.test.support.ts";

const fixture = fileURLToPath(new URL("../../../../tests/fixtures/ldm-micro.weights.safetensors.gz", import.meta.url));

let root = "";
const prosopon = (...args: readonly string[]) => startProsopon(args, { cwd: root }).ended;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "prosopon-models-cli-"));
  await writeFile(join(root, "ldm micro.safetensors"), gunzipSync(await readFile(fixture)));
});
afterAll(() => rm(root, { recursive: true, force: true }));

test("inspect, import, info, export, import again", { timeout: patience }, async () => {
  const looked = await prosopon("models", "inspect", "ldm micro.safetensors", "--json");
  expect(looked.code).toBe(0);
  const { format, tensors, state } = JSON.parse(looked.stdout);
  expect([format, tensors]).toEqual(["safetensors", state.length]);
  const imported = await prosopon("models", "import", "ldm micro.safetensors", "--json");
  expect(imported.code).toBe(0);
  const { imported: files, warnings } = JSON.parse(imported.stdout);
  expect(files[0].models.map((one: { name: string }) => one.name)).toEqual(["ldm-micro-first-stage", "ldm-micro"]);
  expect(warnings.join()).toContain("heads");
  expect((await readdir(join(root, "models"))).sort()).toEqual(["ldm-micro", "ldm-micro-first-stage"]);
  const shown = await prosopon("models", "info", "ldm-micro");
  expect(shown.stdout).toContain("## Origin");
  const exported = await prosopon("models", "export", "ldm-micro", "out.ckpt");
  expect([exported.code, exported.stdout]).toEqual([
    0,
    expect.stringContaining("of ldm-micro and ldm-micro-first-stage"),
  ]);
  expect((await prosopon("models", "import", "out.ckpt", "--raw", "--name", "again")).code).toBe(0);
  const [before, after] = await Promise.all(
    ["ldm-micro", "again"].map((name) => readFile(join(root, "models", name, "model.safetensors"))),
  );
  expect(Buffer.compare(before!, after!)).toBe(0);
});

test("get: from a file of addresses with file: addresses, offline", { timeout: patience }, async () => {
  const from = join(root, "models", "again-first-stage");
  const manifest = JSON.parse(await readFile(join(from, "model.json"), "utf8"));
  const there = join(root, "there");
  await cp(from, there, { recursive: true });
  const { createHash } = await import("node:crypto");
  const files = await Promise.all(
    ["model.json", "model.safetensors", "README.md"].map(async (file) => ({
      file,
      url: pathToFileURL(join(there, file)).href,
      sha256: createHash("sha256")
        .update(await readFile(join(there, file)))
        .digest("hex"),
    })),
  );
  const models = [{ name: manifest.name, description: "", licence: "x", form: "folder", files }];
  await writeFile(join(root, "book.json"), JSON.stringify({ specification: "addresses/v1", models }));
  await rm(from, { recursive: true });
  const got = await prosopon("models", "get", manifest.name, "--from", "book.json", "--offline", "--json");
  expect([got.code, JSON.parse(got.stdout).models[0].name]).toEqual([0, manifest.name]);
});

test("refusals: exit code 2, one line, no folder", { timeout: patience }, async () => {
  await writeFile(join(root, "page.ckpt"), "<html>not found</html>");
  for (const args of [
    ["inspect", "page.ckpt"],
    ["import", "page.ckpt", "--name", "page"],
    ["import", "a", "b", "--name", "x"],
    ["export", "nobody", "x.ckpt"],
    ["get", "nobody"],
  ]) {
    const { code, stdout, stderr } = await prosopon("models", ...args);
    expect([args, code, stdout]).toEqual([args, 2, ""]);
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(/^prosopon: /);
  }
  expect(await readdir(join(root, "models"))).not.toContain("page");
});
