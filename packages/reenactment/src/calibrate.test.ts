import { type ActivationRanges, tensor } from "@prosopon/graph";
import { uniforms } from "@prosopon/random";
import type { Host } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CalibratedRanges, calibrate } from "./calibrate.ts";
import type { EditEvent } from "./edit-event.ts";
import { createEditor } from "./editor.ts";
import { finish } from "./finish.ts";
import type { Planes } from "./planes.ts";
import { microModel } from "./testing/micro-model.ts";

/** Wide enough for int8 to be of use. */
const { firstStage, denoiser } = microModel({ channels: 24 });
const picture = (seed: number): Planes =>
  tensor(
    "float32",
    [1, 3, 16, 16],
    uniforms(seed, "picture", 0, 768).map((v) => 2 * v - 1),
  );
const settings = { from: "neutral", steps: 5, strength: 500, guidance: 2 };

let host: Host;
let ranges: CalibratedRanges;
const events: EditEvent[] = [];
beforeAll(async () => {
  host = await createHost({ kind: "in-process", threads: 1 });
  const edits = [1, 2, 3, 4].map((seed) => ({ ...settings, image: picture(seed), to: ["happy", "sad"] }));
  ranges = await finish(calibrate({ host, firstStage, denoiser, edits }), (event) => events.push(event));
});
afterAll(() => host[Symbol.asyncDispose]());

const calibrated = ({ firstStage: first, denoiser: second } = ranges) => ({
  firstStage: { ...firstStage, ranges: first },
  denoiser: { ...denoiser, ranges: second },
});

/** How far int8 lies below what float32 shows, in decibels: of a whole edit of a picture that was not measured, and of its latents decoded. */
async function below(precise: CalibratedRanges, together = 1): Promise<{ edited: number; decoded: number }> {
  await using exact = await createEditor({ host, firstStage, denoiser });
  await using fast = await createEditor({ host, ...calibrated(precise), precision: "int8", together });
  const given = { ...settings, image: picture(77), to: "angry" };
  const [wanted, found] = [await finish(exact.edit(given)), await finish(fast.edit(given))];
  const power = (values: Float32Array) => values.reduce((sum, v) => sum + v * v, 0);
  const decibels = ({ data }: Planes) =>
    10 * Math.log10(power(wanted.image.data) / power(wanted.image.data.map((v, i) => v - data[i]!)));
  return { edited: decibels(found.image), decoded: decibels(await fast.decode(wanted.latents.edited)) };
}

test("calibration edits in float32, step by step, and knows every wide operator of both networks", () => {
  expect(events).toHaveLength(4 * 2 * settings.steps);
  expect(Object.keys(ranges.firstStage)).toContain("decoder.up.0.block.0.conv1.weight");
  expect(Object.keys(ranges.firstStage)).toContain("encoder.down.0.block.0.conv1.weight");
  expect(Object.keys(ranges.denoiser)).toContain("model.diffusion_model.middle_block.0.in_layers.2.weight");
  for (const name of Object.keys(ranges.firstStage)) expect(firstStage.parameters).toHaveProperty([name]);
  for (const name of Object.keys(ranges.denoiser)) expect(denoiser.parameters).toHaveProperty([name]);
  for (const { input, output = [0, 0] } of [ranges.firstStage, ranges.denoiser].flatMap((all) => Object.values(all)))
    expect([input[0] < input[1], output[0] <= output[1]]).toEqual([true, true]);
  // A SiLU goes into the first convolution of a block, so that its least number is known.
  expect(ranges.firstStage["decoder.up.0.block.0.conv1.weight"]!.input[0]).toBeGreaterThan(-0.2785);
});

// A random network strays further than a trained one, which tests/models holds to more: here and there another code of the codebook is taken.
describe("a whole edit in int8", () => {
  test("lies 15 dB below what float32 shows, its decoder 22 dB", async () => {
    const { edited, decoded } = await below(ranges);
    expect(edited).toBeGreaterThan(15);
    expect(decoded).toBeGreaterThan(22);
    // It is int8: the bits differ.
    expect(decoded).toBeLessThan(60);
  });

  test("does not with the ranges of other operators", async () => {
    const turned = (all: ActivationRanges): ActivationRanges => {
      const convolutions = Object.entries(all).filter(([, { output }]) => output);
      const moved = convolutions.map(([name], i) => [name, convolutions[(i + 3) % convolutions.length]![1]]);
      return { ...all, ...Object.fromEntries(moved) };
    };
    const { edited, decoded } = await below({
      firstStage: turned(ranges.firstStage),
      denoiser: turned(ranges.denoiser),
    });
    expect(Math.max(edited, decoded)).toBeLessThan(8);
  });

  test("is the same when steps may be shared", async () => {
    expect(await below(ranges, 2)).toEqual(await below(ranges));
  });
});

describe("int8 is refused", () => {
  const refusal = async (options: Parameters<typeof createEditor>[0]) =>
    createEditor(options).then(
      () => "not refused",
      (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
    );

  test("without ranges, saying how to get them", async () => {
    const bare = { host, firstStage, denoiser, precision: "int8" } as const;
    expect(await refusal(bare)).toMatch(/^not-found: int8 needs the ranges of the first stage's.*models calibrate/);
    expect(await refusal({ ...bare, firstStage: calibrated().firstStage })).toContain("of the denoiser's");
  });

  test("on a graphics card", async () => {
    const elsewhere: Host = { ...host, device: "webgpu" };
    expect(await refusal({ ...calibrated(), host: elsewhere, precision: "int8" })).toMatch(
      /^bad-input: int8 is for the processor, not for webgpu/,
    );
  });

  test("with the ranges of another network, when it is opened", async () => {
    const strange = { ...calibrated(), firstStage: { ...firstStage, ranges: {} } };
    await using editor = await createEditor({ host, ...strange, precision: "int8" });
    await expect(editor.encode(picture(1))).rejects.toThrow(/hold none for "encoder/);
  });
});
