import { type Tensor, tensor } from "@prosopon/graph";
import { uniforms } from "@prosopon/random";
import type { Host } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EditEvent } from "./edit-event.ts";
import { createEditor, type Editor } from "./editor.ts";
import { finish } from "./finish.ts";
import { nearest } from "./nearest.ts";
import { samplerNames } from "./samplers.ts";
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

const picture = (seed: number) =>
  tensor(
    "float32",
    [1, 3, 16, 16],
    uniforms(seed, "image", 0, 768).map((v) => 2 * v - 1),
  );
const distance = (a: Tensor<"float32">, b: Tensor<"float32">): number => {
  expect(a.shape).toEqual(b.shape);
  return Math.max(...a.data.map((v, i) => Math.abs(v - b.data[i]!)));
};
const wrong = (run: AsyncGenerator<EditEvent, unknown, undefined>) => expect(finish(run)).rejects;

test("exact inversion: the same emotion gives the same latent back; DDIM's does not; another emotion does not", async () => {
  const edit = (more: object) =>
    finish(
      editor.edit({
        image: picture(5),
        from: "neutral",
        to: "neutral",
        steps: 20,
        strength: 500,
        guidance: 3,
        ...more,
      }),
    );
  const { clean, edited } = (await edit({ inversion: "exact" })).latents;
  expect(distance(clean, edited)).toBeLessThan(1e-4);
  const plain = (await edit({})).latents;
  expect(distance(plain.clean, plain.edited)).toBeGreaterThan(1e-3);
  const other = (await edit({ inversion: "exact", to: "happy" })).latents;
  expect(distance(other.clean, other.edited)).toBeGreaterThan(1e-3);
  await expect(edit({ inversion: "exact", sampler: "unipc" })).rejects.toThrow("sampler ddim");
});

test.each(["ddim", "exact"] as const)("a mask (%s): outside of it the latent stays bit for bit", async (inversion) => {
  const mask = tensor(
    "float32",
    [1, 1, 8, 8],
    Float32Array.from({ length: 64 }, (_, i) => (i < 32 ? 1 : 0)),
  );
  const { latents } = await finish(
    editor.edit({ image: picture(5), from: "neutral", to: "angry", steps: 5, guidance: 4, mask, inversion }),
  );
  const { clean, edited } = latents;
  let changed = 0;
  edited.data.forEach((v, i) => {
    if (i % 64 >= 32) expect(v).toBe(clean.data[i]);
    else changed = Math.max(changed, Math.abs(v - clean.data[i]!));
  });
  expect(changed).toBeGreaterThan(1e-3);
  const small = tensor("float32", [1, 1, 4, 4]);
  await wrong(editor.edit({ image: picture(5), from: "neutral", to: "angry", steps: 5, mask: small })).toThrow(
    "[1,1,8,8]",
  );
});

test.each(samplerNames)("generation by %s: a seed names its pictures, batch or not", async (sampler) => {
  const generate = (more: object) =>
    finish(editor.generate({ emotions: ["happy", "sad"], steps: 4, guidance: 2, sampler, seed: 3, ...more }));
  const [happy, sad] = await generate({});
  expect(happy!.image.shape).toEqual([1, 3, 16, 16]);
  expect(happy!.latent.data.every(Number.isFinite)).toBe(true);
  const [alone] = await generate({ emotions: ["happy"] });
  expect(distance(alone!.latent, happy!.latent)).toBeLessThan(1e-4);
  const [other] = await generate({ emotions: ["happy"], seed: 4 });
  expect(distance(other!.latent, happy!.latent)).toBeGreaterThan(1e-3);
  const [, same] = await generate({ emotions: ["sad", "sad"], sameFace: true });
  expect(distance(same!.latent, (await generate({ emotions: ["sad"] }))[0]!.latent)).toBeLessThan(1e-4);
  expect(sad!.emotion).toBe("sad");
});

test("deterministic samplers with many steps end where DDIM does with very many", async () => {
  const generate = async (sampler: (typeof samplerNames)[number], steps: number) =>
    (await finish(editor.generate({ emotions: ["happy"], steps, guidance: 1, sampler, seed: 3 })))[0]!.latent;
  const truth = await generate("dpmpp-3s", 120);
  const far = distance(await generate("ddim", 20), truth);
  for (const sampler of ["dpmpp-2m", "dpmpp-2s", "unipc", "heun"] as const)
    expect([sampler, distance(await generate(sampler, 20), truth) < far]).toEqual([sampler, true]);
});

test("interpolation: its ends are the two pictures' own edits, its progress is counted through", async () => {
  const images = [picture(5), picture(6)] as const;
  const settings = { steps: 6, strength: 400, guidance: 2 };
  const seen: number[] = [];
  const found = await finish(
    editor.interpolate({ ...settings, images, from: ["neutral", "happy"], lambdas: [0, 0.5, 1] }),
    ({ index, total }) => seen.push(index / total),
  );
  expect(found.map(({ lambda, emotion }) => [lambda, emotion])).toEqual([
    [0, "neutral"],
    [0.5, "happy"],
    [1, "happy"],
  ]);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(1);
  const first = await finish(editor.edit({ ...settings, image: images[0], from: "neutral", to: "neutral" }));
  expect(distance(found[0]!.latent, first.latents.edited)).toBeLessThan(1e-4);
  const noisy = await finish(
    editor.interpolate({ ...settings, images, from: ["neutral", "happy"], to: "sad", lambdas: [0.5], eta: 1, seed: 2 }),
  );
  expect(noisy[0]!.emotion).toBe("sad");
  expect(distance(noisy[0]!.latent, found[1]!.latent)).toBeGreaterThan(1e-3);
  await wrong(editor.interpolate({ ...settings, images, from: ["neutral", "happy"], lambdas: [2] })).toThrow(
    "from 0 to 1",
  );
  await wrong(editor.interpolate({ ...settings, images, from: ["neutral", "glad"], lambdas: [0] })).toThrow("glad");
});

test("bad wishes are refused", async () => {
  await wrong(editor.generate({ emotions: [] })).toThrow("No emotion");
  await wrong(editor.generate({ emotions: ["glad"] })).toThrow("glad");
  await wrong(editor.generate({ emotions: ["sad"], sampler: "x" as never })).toThrow("ddim");
});

test("nearest: by pixels and by direction, ties in order", () => {
  const all = [
    [0, 2],
    [3, 0],
    [0, 1],
    [0, 1],
  ];
  expect(nearest([0, 1], all, { count: 3 }).map(({ index }) => index)).toEqual([2, 3, 0]);
  const [best, , , last] = nearest([0, 1], all, { measure: "feature" });
  expect([best!.index, best!.distance, last!.index, last!.distance]).toEqual([0, 0, 1, 1]);
  expect(() => nearest([1], all)).toThrow("no distance");
});
