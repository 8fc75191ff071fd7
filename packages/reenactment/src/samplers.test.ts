import { type Tensor, tensor } from "@prosopon/graph";
import { uniforms } from "@prosopon/random";
import type { Host } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EditOptions } from "./edit-picture.ts";
import { createEditor, type Editor } from "./editor.ts";
import { finish } from "./finish.ts";
import { type SamplerName, samplerNames, samplers } from "./samplers.ts";
import { microModel } from "./testing/micro-model.ts";

let host: Host;
let editor: Editor;
/** Of a model whose schedule ends in pure noise. */
let zero: Editor;
beforeAll(async () => {
  host = await createHost({ kind: "in-process", threads: 1 });
  const { firstStage, denoiser } = microModel();
  editor = await createEditor({ host, firstStage, denoiser });
  const schedule = { ...denoiser.config.schedule, zeroTerminal: true };
  const config = { ...denoiser.config, schedule, parameterization: "v" as const };
  zero = await createEditor({ host, firstStage, denoiser: { ...denoiser, config } });
});
afterAll(async () => {
  await editor[Symbol.asyncDispose]();
  await zero[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});

const image = tensor(
  "float32",
  [1, 3, 16, 16],
  uniforms(5, "image", 0, 768).map((v) => 2 * v - 1),
);
/** The edited latent. With as many steps all samplers begin at the same noise, the thesis', and stop at the same levels. */
async function edited(sampler: SamplerName, steps: number, more: Partial<EditOptions> = {}) {
  const given = { image, from: "neutral", to: "happy", guidance: 2, inversion: "ddim", sigmas: "times" } as const;
  return (await finish(editor.edit({ ...given, sampler, steps, ...more }))).latents.edited;
}
const judgements = new Map<string, Promise<Tensor<"float32">>>();
/** Where the flow ends, by a sampler of high order, which is right enough to judge the others; itself it is judged by another. */
function flowEnd(name: SamplerName, steps: number) {
  const judge = name === "dpmpp-3s" ? "heun" : "dpmpp-3s";
  const found = judgements.get(`${judge} ${steps}`) ?? edited(judge, steps);
  judgements.set(`${judge} ${steps}`, found);
  return found;
}
const distance = (a: Tensor<"float32">, b: Tensor<"float32">): number =>
  Math.max(...a.data.map((v, i) => Math.abs(v - b.data[i]!)));

const drawing = samplerNames.filter((name) => samplers[name].draws);
const flowing = samplerNames.filter((name) => !samplers[name].draws);

const onEach = (sigmas: "times" | "karras") =>
  flowing.filter((name) => sigmas === "times" || samplers[name].sigmas).map((name) => [name, sigmas] as const);
test.each([
  ...onEach("times"),
  ...onEach("karras"),
  ["heun", "exponential"] as const,
])("%s with the sigmas %s follows the probability flow: four times the steps come much closer to its end", async (name, sigmas) => {
  const error = async (steps: number) => distance(await edited(name, steps, { sigmas }), await flowEnd(name, steps));
  const [coarse, fine] = [await error(20), await error(80)];
  expect(fine).toBeLessThan((name === "ddim" || name === "euler" ? 0.3 : 0.1) * coarse);
  expect(fine).toBeLessThan(0.15);
});

test("what the flow's end is compared with is a face of its own: another emotion ends elsewhere", async () => {
  const end = await edited("dpmpp-3s", 80);
  expect(distance(end, await edited("dpmpp-3s", 80, { to: "sad" }))).toBeGreaterThan(0.5);
});

test.each(flowing)("%s draws nothing: every seed gives the same bits", async (name) => {
  expect(await edited(name, 4, { seed: 8 })).toEqual(await edited(name, 4, { seed: 7 }));
});

test.each(drawing)("%s draws by the seed: the same gives the same bits, another does not", async (name) => {
  const first = await edited(name, 4, { seed: 7 });
  expect(await edited(name, 4, { seed: 7 })).toEqual(first);
  expect(distance(await edited(name, 4, { seed: 8 }), first)).toBeGreaterThan(1e-2);
});

test("euler is ddim by another equation; ancestral is ddim with η = 1 but for the noise of the last step", async () => {
  expect(distance(await edited("euler", 6), await edited("ddim", 6))).toBeLessThan(1e-4);
  const seen = async (options: Pick<EditOptions, "sampler" | "eta">) => {
    const found: Tensor<"float32">[] = [];
    const same = { steps: 6, seed: 3, inversion: "ddim", sigmas: "times" } as const;
    const edit = editor.edit({ image, from: "neutral", to: "happy", ...same, ...options });
    await finish(edit, ({ denoised }) => found.push(denoised));
    return found;
  };
  const [own, theirs] = [await seen({ sampler: "ancestral" }), await seen({ eta: 1 })];
  expect(own).toHaveLength(12);
  for (const [i, one] of own.entries()) expect([i, distance(one, theirs[i]!) < 1e-3]).toEqual([i, true]);
  expect(distance(own[11]!, (await seen({}))[11]!)).toBeGreaterThan(0.1);
});

test.each(samplerNames)("%s: eta only where it means something", async (name) => {
  const run = edited(name, 4, { eta: 0.5 });
  if (samplers[name].eta) expect(distance(await run, await edited(name, 4))).toBeGreaterThan(1e-2);
  else await expect(run).rejects.toThrow(`The sampler ${name} has no eta`);
});

test.each(samplerNames)("%s in pure noise: begins there, or says that it cannot", async (name) => {
  const from = { emotions: ["happy"], guidance: 2, sampler: name };
  for (const steps of [1, 4])
    for (const sigmas of ["times", "karras"] as const) {
      const made = finish(zero.generate({ ...from, steps, sigmas }));
      if (sigmas === "karras" && !samplers[name].sigmas)
        await expect(made).rejects.toThrow(`The sampler ${name} has no sigmas but times`);
      else if (samplers[name].pureNoise) expect((await made)[0]!.latent.data.every(Number.isFinite)).toBe(true);
      else await expect(made).rejects.toThrow(`The sampler ${name} cannot begin in pure noise`);
    }
  const there = { image, from: "neutral", to: "sad", steps: 4, sampler: name };
  const below = await finish(zero.edit({ ...there, strength: 998 }));
  expect(below.latents.edited.data.every(Number.isFinite)).toBe(true);
  if (!samplers[name].pureNoise) return;
  const whole = await finish(zero.edit({ ...there, strength: 999 }));
  expect(whole.latents.edited.data.every(Number.isFinite)).toBe(true);
});
