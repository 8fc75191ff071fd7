import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadApplications } from "./load-applications.ts";

let folder: string;
const module = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "applications-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("modules give a list, or a function of the device and settings", async () => {
  const plain = await module(
    "plain.mjs",
    `export const applications = [{ specification: "application/v1", name: "a" }];`,
  );
  const made = await module(
    "made.mjs",
    `export const applications = async ({ device, settings }) => [{ specification: "application/v1", name: device + settings.x }];`,
  );
  const found = await loadApplications([plain, pathToFileURL(made).href], {
    device: "cpu",
    slots: 1,
    settings: { x: 1 },
  });
  expect([...found.keys()]).toEqual(["a", "cpu1"]);
});

test("what is no module of applications is refused, by name", async () => {
  const load = (...modules: string[]) => loadApplications(modules, { device: "cpu", slots: 1 });
  const none = await module("none.mjs", "export const other = 1;");
  const wrong = await module("wrong.mjs", "export const applications = [{ name: 1 }];");
  const one = await module("one.mjs", `export const applications = [{ specification: "application/v1", name: "a" }];`);
  const two = await module("two.mjs", `export const applications = [{ specification: "application/v1", name: "a" }];`);
  await expect(load(none)).rejects.toThrow(/none.mjs" has no applications/);
  await expect(load(wrong)).rejects.toThrow(/wrong.mjs" has no applications/);
  await expect(load(one, two)).rejects.toThrow('Two applications have the name "a"');
  await expect(load("@no-such/package")).rejects.toThrow(/"@no-such\/package" cannot be imported/);
});
