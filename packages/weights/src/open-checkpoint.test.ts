import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allowed, checkpointFixtures, difference, outcomeOf } from "./checkpoint-cases.test.support.ts";
import { openCheckpoint } from "./open-checkpoint.ts";
import { isPickleDict, isPickleObject, isTensorReference } from "./pickle-value.ts";

const fixtures = checkpointFixtures(join(import.meta.dirname, "../fixtures"));
const at = (name: string) => join(fixtures.folder, `ckpt-${name}.ckpt`);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "prosopon-checkpoint-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("openCheckpoint", () => {
  it.each(fixtures.cases)("$file: $expect", async (one) => {
    expect(allowed[one.expect]).toContain(await outcomeOf(fixtures, one));
    expect(existsSync(join(tmpdir(), "CKPT_EVIL_RAN"))).toBe(false);
  });

  it("would notice a wrong value", async () => {
    const one = fixtures.cases.find(({ file }) => file === "ckpt-views.ckpt")!;
    const wrong = new Map(fixtures.expected).set(
      "ckpt-views.ckpt/strided",
      fixtures.expected.get("ckpt-views.ckpt/row")!,
    );
    expect(await outcomeOf({ ...fixtures, expected: wrong }, one)).toMatch(/^strided: /);
  });

  it("gives the rest of the checkpoint as inert plain data", async () => {
    await using checkpoint = await openCheckpoint(at("hparams"));
    expect(checkpoint.format).toBe("zip");
    expect(checkpoint.top.get("epoch")).toBe(26);
    expect(checkpoint.top.get("global_step")).toBe(123_456_789_012);
    const parameters = checkpoint.top.get("hyper_parameters");
    if (!isPickleObject(parameters)) throw new Error("hyper_parameters is no object");
    expect(parameters.name).toBe("pytorch_lightning.utilities.parsing.AttributeDict");
    const custom = [...parameters.entries.values()].find(
      (value) => isPickleObject(value) && value.name === "my_project.things.Custom",
    );
    expect(custom).toBeDefined();
    const values = [...parameters.entries.values()];
    expect(values.some((value) => typeof value === "bigint" && value > 2n ** 70n)).toBe(true);
    expect(values.some((value) => value instanceof Set)).toBe(true);
    expect(structuredClone(checkpoint.top)).toEqual(checkpoint.top);
  });

  it("reads a tensor outside the state_dict by its reference", async () => {
    await using checkpoint = await openCheckpoint(at("hparams"));
    const callbacks = checkpoint.top.get("callbacks");
    const states = isPickleDict(callbacks) ? [...callbacks.values()] : [];
    const score = states
      .flatMap((state) => (isPickleDict(state) ? [state.get("best_model_score")] : []))
      .find(isTensorReference);
    expect((await checkpoint.readReference(score!)).data).toHaveLength(1);
    await expect(checkpoint.readReference({ ...score!, storage: { ...score!.storage } })).rejects.toMatchObject({
      code: "bad-input",
    });
  });

  it("leaves prototypes alone", async () => {
    await using checkpoint = await openCheckpoint(at("evil-proto"));
    expect(checkpoint.top).toBeInstanceOf(Map);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("names the file and says what to do about a web page", async () => {
    await expect(openCheckpoint(at("corrupt-html"))).rejects.toThrow(/corrupt-html\.ckpt.*web page: download it again/);
    await expect(openCheckpoint(at("evil-os-system"))).rejects.toThrow(/posix\.system.*could run code/);
    await expect(openCheckpoint(join(folder, "absent.ckpt"))).rejects.toMatchObject({ code: "not-found" });
    await expect(openCheckpoint(folder)).rejects.toMatchObject({ code: "bad-file" });
  });

  it("checks the checksum at the first read when told not to at the start", async () => {
    await using checkpoint = await openCheckpoint(at("corrupt-crc"), { verify: false });
    const outcomes = await Promise.allSettled(checkpoint.names.map((name) => checkpoint.read(name)));
    const refused = outcomes.filter((outcome) => outcome.status === "rejected");
    expect(refused).toHaveLength(1);
    expect(refused[0]!.reason).toMatchObject({ code: "bad-file" });
  });

  it("reports progress up to the total and can be cancelled", async () => {
    const seen: { done: number; total: number }[] = [];
    await using checkpoint = await openCheckpoint(at("views"), { onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)!.done).toBe(seen.at(-1)!.total);
    expect(seen.at(-1)!.total).toBeGreaterThan(0);
    const signal = AbortSignal.abort();
    await expect(openCheckpoint(at("views"), { signal })).rejects.toMatchObject({ code: "cancelled" });
    await expect(checkpoint.read("base", { signal })).rejects.toMatchObject({ code: "cancelled" });
    await expect(checkpoint.read("absent")).rejects.toMatchObject({ code: "not-found" });
  });

  it("cancels in the middle of the verification and closes the file", async () => {
    const controller = new AbortController();
    const opening = openCheckpoint(at("views"), { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(opening).rejects.toMatchObject({ code: "cancelled" });
  });

  it("reads a legacy file whose pickle is longer than the first window", async () => {
    // The object pickle of the small file, with a string of 3 MiB pushed and popped in front of it.
    const small = await readFile(at("legacy-nested"));
    const object = small.indexOf(Buffer.from("\x80\x02}q\x00(X\x05\x00\x00\x00epoch", "latin1"));
    const filler = Buffer.concat([
      Buffer.from("X\x00\x00\x30\x00", "latin1"),
      Buffer.alloc(3 << 20, "a"),
      Buffer.from("0"),
    ]);
    const large = Buffer.concat([small.subarray(0, object + 2), filler, small.subarray(object + 2)]);
    await writeFile(join(folder, "large.ckpt"), large);
    await using checkpoint = await openCheckpoint(join(folder, "large.ckpt"));
    const expected = fixtures.expected.get("ckpt-legacy-nested.ckpt/a.view");
    expect(difference(await checkpoint.read("a.view"), expected)).toBe("");
    expect(checkpoint.format).toBe("legacy");
  });
});
