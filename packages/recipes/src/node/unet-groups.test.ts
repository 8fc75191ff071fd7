import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { unetGroups } from "./unet-groups.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "groups-"));
});
afterAll(() => rm(root, { recursive: true }));

/** A folder with one note. */
async function noted(name: string, content: unknown): Promise<string> {
  const folder = await mkdtemp(join(root, "run-"));
  await writeFile(join(folder, name), JSON.stringify(content));
  return folder;
}
const folder = "/nowhere";
const usual = { groups: "usual" };

test("a new network has 8 groups, or what is asked for", async () => {
  expect(await unetGroups({ folder, settings: usual })).toEqual({ groups: 8 });
  expect(await unetGroups({ folder, settings: { groups: "16" } })).toEqual({ groups: 16 });
});

test("a network that starts from another has its groups", async () => {
  const run = await noted("config.json", { unet: { groups: 4 } });
  const model = await noted("model.json", { name: "m", config: { unet: { groups: 2 } } });
  const old = await noted("model.json", { name: "m", config: { unet: { model_channels: 32 } } });
  expect(await unetGroups({ folder, from: run, settings: usual })).toEqual({ groups: 4 });
  expect(await unetGroups({ folder, from: join(model, "model.safetensors"), settings: usual })).toEqual({ groups: 2 });
  expect(await unetGroups({ folder, from: old, settings: usual })).toEqual({});
  expect(await unetGroups({ folder, from: join(root, "alone.safetensors"), settings: usual })).toEqual({});
  expect(await unetGroups({ folder, from: run, settings: { groups: "16" } })).toEqual({ groups: 16 });
});

test("a run that goes on keeps its own, also one that began before there was a choice", async () => {
  const begun = await noted("config.json", { unet: { model_channels: 32 } });
  const other = await noted("config.json", { unet: { groups: 4 } });
  expect(await unetGroups({ folder: begun, from: other, settings: usual })).toEqual({});
  expect(await unetGroups({ folder: other, settings: usual })).toEqual({ groups: 4 });
});

test("a run that began with other groups than asked for says so", async () => {
  const old = await noted("config.json", { unet: { model_channels: 32 } });
  expect(await unetGroups({ folder: old, settings: { groups: "32" } })).toEqual({});
  await expect(unetGroups({ folder: old, settings: { groups: "8" } })).rejects.toMatchObject({
    code: "bad-input",
    values: { groups: 32, given: "8" },
  });
});

test("notes of another network are refused", async () => {
  const from = await noted("config.json", { ddconfig: {} });
  await expect(unetGroups({ folder, from, settings: usual })).rejects.toMatchObject({ code: "bad-file" });
});
