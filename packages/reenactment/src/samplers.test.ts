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
beforeAll(async () => {
  host = await createHost({ kind: "in-process", threads: 1 });
  editor = await createEditor({ host, ...microModel() });
});
afterAll(async () => {
  await editor[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});

const image = tensor(
  "float32",
  [1, 3, 16, 16],
  uniforms(5, "image", 0, 768).map((v) => 2 * v - 1),
);
/** The edited latent. With as many steps all samplers begin at the same noise. */
async function edited(sampler: SamplerName, steps: number, more: Partial<EditOptions> = {}) {
  const given = { image, from: "neutral", to: "happy", guidance: 2 };
  return (await finish(editor.edit({ ...given, sampler, steps, ...more }))).latents.edited;
}
const distance = (a: Tensor<"float32">, b: Tensor<"float32">): number =>
  Math.max(...a.data.map((v, i) => Math.abs(v - b.data[i]!)));

const drawing = samplerNames.filter((name) => samplers[name].draws);
const flowing = samplerNames.filter((name) => !samplers[name].draws);

test.each(
  flowing,
)("%s follows the probability flow: with four times the steps it comes much closer to its end", async (name) => {
  // One of a high order is right enough to judge the others; itself it is judged by another.
  const judge = name === "dpmpp-3s" ? "heun" : "dpmpp-3s";
  const error = async (steps: number) => distance(await edited(name, steps), await edited(judge, steps));
  const [coarse, fine] = [await error(20), await error(80)];
  expect(fine).toBeLessThan((name === "ddim" || name === "euler" ? 0.3 : 0.1) * coarse);
  expect(fine).toBeLessThan(0.12);
  expect(distance(await edited(judge, 80), await edited(judge, 80, { to: "sad" }))).toBeGreaterThan(0.5);
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
    const edit = editor.edit({ image, from: "neutral", to: "happy", steps: 6, seed: 3, ...options });
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
  if (name === "ddim") expect(distance(await run, await edited(name, 4))).toBeGreaterThan(1e-2);
  else await expect(run).rejects.toThrow(`The sampler ${name} has no eta`);
});
