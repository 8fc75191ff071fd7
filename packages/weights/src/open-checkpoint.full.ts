import { createReadStream, createWriteStream, existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip, gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { allowed, checkpointFixtures, difference, outcomeOf } from "./checkpoint-cases.test.support.ts";
import { openCheckpoint } from "./open-checkpoint.ts";
import { openWeights } from "./open-weights.ts";
import { decodeSafetensors } from "./safetensors.ts";
import { writeWeights } from "./write-weights.ts";

const root = resolve(import.meta.dirname, "../../..", process.env["PROSOPON_FIXTURES"] ?? "../shared/fixtures");
const missing = !existsSync(root);
if (missing && process.env["CI"] === "true")
  throw new Error(`The fixtures are missing at ${root}; set PROSOPON_FIXTURES.`);
const skipping = missing ? ` (skipped: no fixtures at ${root})` : "";

describe.skipIf(missing)(`the checkpoint fixtures${skipping}`, () => {
  const fixtures = missing ? undefined : checkpointFixtures(join(root, "ckpt"));

  it.each(fixtures?.cases ?? [])("$file: $expect", async (one) => {
    const before = process.memoryUsage.rss();
    expect(allowed[one.expect]).toContain(await outcomeOf(fixtures!, one));
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 << 20);
    expect(existsSync(join(tmpdir(), "CKPT_EVIL_RAN"))).toBe(false);
  });

  it.each([
    "ldm-micro",
    "vqgan-micro",
    "vqgan-tiny",
    "ldm-tiny",
    "talk-tiny",
  ])("%s equals its safetensors twin", async (model) => {
    const folder = await mkdtemp(join(tmpdir(), "prosopon-weights-"));
    try {
      let file = join(root, `${model}.ckpt`);
      if (!existsSync(file)) {
        file = join(folder, `${model}.ckpt`);
        await pipeline(createReadStream(join(root, `${model}.ckpt.gz`)), createGunzip(), createWriteStream(file));
      }
      const expected = decodeSafetensors(
        gunzipSync(readFileSync(join(root, `${model}.weights.safetensors.gz`))),
      ).tensors;
      await using checkpoint = await openCheckpoint(file);
      expect([...checkpoint.names].sort()).toEqual([...expected.keys()].sort());
      for (const name of checkpoint.names)
        expect([name, difference(await checkpoint.read(name), expected.get(name))]).toEqual([name, ""]);
      expect(
        checkpoint.names.every((name) => checkpoint.info(name).offset !== undefined || name.endsWith(".step")),
      ).toBe(true);

      const copy = join(folder, "copy.safetensors");
      await writeWeights(
        copy,
        (async function* () {
          for (const name of checkpoint.stateDict.names) yield [name, await checkpoint.read(name)] as const;
        })(),
      );
      await using weights = await openWeights(copy);
      expect(weights.names).toEqual(checkpoint.stateDict.names);
      for (const name of weights.names)
        expect([name, difference(await weights.read(name), expected.get(name))]).toEqual([name, ""]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
