import { graph } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { expect, test } from "vitest";
import { checkConditionEncoder, fakeCondition } from "./condition-conformance.ts";
import type { ConditionEncoder } from "./condition-encoder.ts";
import { conditions } from "./conditions.ts";
import { dropMasks } from "./drop-masks.ts";
import { emotion, emotionClasses } from "./emotion.ts";

test.each(["table", "row"] as const)("an emotion with its null in a %s conforms", async (kind) => {
  await checkConditionEncoder(emotion({ classes: emotionClasses, size: 6, null: kind }), ["sad", 3, "contempt"]);
  await checkConditionEncoder(fakeCondition(), [1, 2]);
});

test("parameters have the reference's names and shapes", () => {
  const shapes = (kind: "table" | "row", prefix: string) => {
    const top = scope(graph());
    conditions({ emotion: emotion({ count: 8, size: 5, null: kind }) }, { places: { emotion: prefix } }).encode(top, {
      batch: 2,
    });
    return [...top.parameters.values()].map(({ name, shape }) => `${name} [${shape}]`);
  };
  expect(shapes("table", "cond_stage_model")).toEqual([
    "cond_stage_model.embedding.weight [8,5]",
    "cond_stage_model.uncond_embedding.weight [1,5]",
  ]);
  expect(shapes("row", "cond_stage_model_1")).toEqual(["cond_stage_model_1.embedding.weight [9,5]"]);
});

test("the conformance suite finds broken promises", async () => {
  const good = emotion({ count: 3, size: 4 });
  const broken = (change: Partial<ConditionEncoder<number | string>>) =>
    checkConditionEncoder({ ...good, ...change }, [0, 1]);
  await expect(broken({ injection: "channels" })).rejects.toThrow("has 4 axes");
  await expect(broken({ feeds: async () => ({}) })).rejects.toThrow("is not fed");
  await expect(broken({ encode: (place, options) => good.encode(place, { ...options, batch: 1 }) })).rejects.toThrow(
    "for a batch of 2",
  );
});

test("unknown emotions and contradictory options say what would do", async () => {
  const face = emotion({ classes: ["neutral", "happy"], size: 2 });
  await expect(face.feeds(["joyful"], { name: "e" })).rejects.toThrow("Choose one of neutral, happy");
  await expect(face.feeds([2], { name: "e" })).rejects.toThrow("from 0 to 1");
  expect(() => emotion({ size: 2 })).toThrow("exactly one of");
  expect(() => emotion({ classes: ["a", "a"], size: 2 })).toThrow("repeat");
});

test("conditions go where they belong, joined in the record's order", async () => {
  const both = conditions({
    emotion: emotion({ count: 8, size: 3 }),
    mood: emotion({ count: 2, size: 5 }),
    level: fakeCondition(),
  });
  const encoded = both.encode(scope(graph()), { batch: 2, droppable: ["emotion"] });
  const injected = encoded.injected();
  expect(injected.tokens!.shape).toEqual([2, 1, 8]);
  expect(injected.embedding!.shape).toEqual([2, 4]);
  expect(injected.channels).toBeUndefined();
  expect(encoded.injected(["emotion"]).tokens).not.toBe(injected.tokens);
  const feeds = await both.feeds({ emotion: [1, 2], mood: [0, 1], level: [0.5, 1] });
  expect(Object.keys(feeds)).toEqual(["emotion/label", "mood/label", "level/value"]);
});

test("drops have their rate, per sample or for the whole batch", () => {
  const drawn = (per: "sample" | "batch") =>
    Array.from({ length: 400 }, (_, step) => [
      ...(dropMasks({ rates: { emotion: 0.2 }, batch: 5, seed: 1, step, per })["emotion/dropped"]!.data as Uint8Array),
    ]);
  const rate = (rows: number[][]) => rows.flat().reduce((a, b) => a + b, 0) / 2000;
  const uniform = (rows: number[][]) => rows.every((row) => row.every((v) => v === row[0]));
  expect(uniform(drawn("batch"))).toBe(true);
  expect(uniform(drawn("sample"))).toBe(false);
  for (const per of ["sample", "batch"] as const) {
    expect(rate(drawn(per))).toBeGreaterThan(0.13);
    expect(rate(drawn(per))).toBeLessThan(0.27);
  }
});
