import { type Tensor, tensor } from "@prosopon/graph";
import { uniforms } from "@prosopon/random";
import type { Host } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EditEvent } from "./edit-event.ts";
import type { EditAllOptions, EditOptions } from "./edit-picture.ts";
import { createEditor, type Editor } from "./editor.ts";
import { finish } from "./finish.ts";
import { microModel } from "./testing/micro-model.ts";

let host: Host;
let editor: Editor;
let silent: Editor;
beforeAll(async () => {
  host = await createHost({ kind: "in-process", threads: 1 });
  editor = await createEditor({ host, ...microModel() });
  silent = await createEditor({ host, ...microModel({ silent: true, scaleFactor: 0.7 }) });
});
afterAll(async () => {
  await editor[Symbol.asyncDispose]();
  await silent[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});

const image = tensor(
  "float32",
  [1, 3, 16, 16],
  uniforms(5, "image", 0, 768).map((v) => 2 * v - 1),
);
const given = { image, from: "neutral", steps: 5, guidance: 2 };
const edit = (options: Partial<EditOptions>) => finish(editor.edit({ ...given, to: "happy", ...options }));
const editAll = (options: Partial<EditAllOptions>) => finish(editor.editAll({ ...given, to: ["happy"], ...options }));
const distance = (a: Tensor<"float32">, b: Tensor<"float32">): number => {
  expect(a.shape).toEqual(b.shape);
  return Math.max(...a.data.map((v, i) => Math.abs(v - b.data[i]!)));
};

test("a network that predicts nothing: inversion only scales, and sampling scales back", async () => {
  const result = await finish(silent.edit({ ...given, to: "sad", strength: 300 }));
  const { clean, noisy, edited } = result.latents;
  // x <- x·√(ᾱ'/ᾱ) at every step, so the product telescopes from ᾱ_0 to ᾱ_300.
  const factor = Math.sqrt(0.3994873357876364 / 0.9985);
  expect(
    distance(
      noisy,
      tensor(
        "float32",
        clean.shape,
        clean.data.map((v) => factor * v),
      ),
    ),
  ).toBeLessThan(1e-5);
  expect(distance(edited, clean)).toBeLessThan(1e-5);
  expect(distance(result.image, result.reconstruction)).toBeLessThan(1e-4);
});

test("a schedule that ends in pure noise: DDIM's inversion turns by its own angles", async () => {
  const { firstStage, denoiser } = microModel({ silent: true });
  const usual = { ...denoiser.config, parameterization: "v" } as const;
  const zero = { ...usual, schedule: { ...usual.schedule, zeroTerminal: true } };
  // ᾱ of the thesis' schedule, and √ᾱ shifted and scaled (Lin et al. 2024, algorithm 1).
  const roots: number[] = [];
  for (let t = 0, product = 1; t < 1000; t++) {
    const beta = (Math.sqrt(0.0015) + (t / 999) * (Math.sqrt(0.0205) - Math.sqrt(0.0015))) ** 2;
    product *= 1 - beta;
    roots.push(Math.sqrt(product));
  }
  const [first, last] = [roots[0]!, roots[999]!];
  const shifted = roots.map((root) => ((root - last) * first) / (first - last));
  // A network that predicts v = 0 says x0 = √ᾱ x and ε = √(1 - ᾱ) x, so a step multiplies by the cosine of the angle between its levels.
  const factor = (levels: readonly number[]) =>
    [1, 225, 450, 675, 900].reduce((product, time, i, times) => {
      const before = levels[i === 0 ? 0 : times[i - 1]!]!;
      return product * Math.cos(Math.acos(levels[time]!) - Math.acos(before));
    }, 1);
  for (const [config, levels] of [
    [usual, roots],
    [zero, shifted],
  ] as const) {
    await using one = await createEditor({ host, firstStage, denoiser: { ...denoiser, config } });
    const { clean, noisy } = (await finish(one.edit({ ...given, to: "sad", strength: 900, sampler: "ddim" }))).latents;
    const expected = clean.data.map((v) => factor(levels) * v);
    expect(distance(noisy, tensor("float32", clean.shape, expected))).toBeLessThan(1e-5);
  }
  expect(Math.abs(factor(roots) - factor(shifted))).toBeGreaterThan(1e-3);
});

test("the scale factor multiplies latents and goes away again", async () => {
  const plain = await createEditor({ host, ...microModel({ silent: true }) });
  const [scaled, unscaled] = [await silent.encode(image), await plain.encode(image)];
  expect(
    distance(
      scaled,
      tensor(
        "float32",
        unscaled.shape,
        unscaled.data.map((v) => 0.7 * v),
      ),
    ),
  ).toBeLessThan(1e-6);
  expect(distance(await silent.decode(scaled), await plain.decode(unscaled))).toBeLessThan(1e-4);
  await plain[Symbol.asyncDispose]();
});

test("cycle: the same emotion without guidance comes back, closer with more steps; another emotion does not", async () => {
  const zero = async (steps: number) => {
    const { latents } = await edit({ to: "neutral", guidance: 1, steps });
    return distance(latents.clean, latents.edited);
  };
  const [coarse, fine] = [await zero(10), await zero(160)];
  expect(fine).toBeLessThan(0.4 * coarse);
  const { latents } = await edit({ to: "happy", guidance: 1, steps: 160 });
  expect(distance(latents.clean, latents.edited)).toBeGreaterThan(5 * fine);
});

test("a model may have a guidance of its own, which an edit that says none takes", async () => {
  const { firstStage, denoiser } = microModel();
  const config = { ...denoiser.config, guidance: 3 };
  await using own = await createEditor({ host, firstStage, denoiser: { ...denoiser, config } });
  const latent = async (of: Editor, guidance?: number) => {
    const asked = { image, from: "neutral", to: "happy", steps: 4, ...(guidance === undefined ? {} : { guidance }) };
    return (await finish(of.edit(asked))).latents.edited;
  };
  expect(await latent(own)).toEqual(await latent(editor, 3));
  expect(await latent(own, 5)).toEqual(await latent(editor));
});

test("a model may bound the guidance of the way to noise; an edit that says its own is not bound", async () => {
  const { firstStage, denoiser } = microModel();
  const bound = { ...denoiser, config: { ...denoiser.config, inversionGuidance: 2 } };
  await using bounded = await createEditor({ host, firstStage, denoiser: bound });
  const noisyOf = async (from: Editor, settings: Partial<EditOptions>) =>
    (await finish(from.edit({ ...given, to: "sad", ...settings }))).latents.noisy;
  const free = await noisyOf(editor, { guidance: 5 });
  const two = await noisyOf(editor, { guidance: 5, inversionGuidance: 2 });
  expect(distance(free, two)).toBeGreaterThan(1e-3);
  expect(await noisyOf(bounded, { guidance: 5 })).toEqual(two);
  expect(await noisyOf(bounded, { guidance: 5, inversionGuidance: 5 })).toEqual(free);
  expect(await noisyOf(bounded, { guidance: 1 })).toEqual(await noisyOf(editor, { guidance: 1 }));
});

test("the same request gives the same bits; another seed matters only where noise is drawn", async () => {
  const first = await edit({});
  expect(await edit({ seed: 7 })).toEqual(first);
  const drawn = await edit({ eta: 1, seed: 7 });
  expect(await edit({ eta: 1, seed: 7 })).toEqual(drawn);
  expect(distance((await edit({ eta: 1, seed: 8 })).latents.edited, drawn.latents.edited)).toBeGreaterThan(1e-3);
});

test.each([
  [{}],
  [{ sampler: "dpmpp-2m" as const }],
  [{ eta: 1, seed: 3 }],
  [{ guidance: 1 }],
])("a batch of targets gives what each gives alone: %j", async (settings) => {
  const to = ["happy", "sad", "angry"];
  const all = await editAll({ ...settings, to });
  expect(all.map((result) => result.to)).toEqual(to);
  for (const [index, name] of to.entries()) {
    const alone = await edit({ ...settings, to: name });
    expect(distance(all[index]!.latents.edited, alone.latents.edited)).toBeLessThan(2e-5);
    expect(all[index]!.reconstruction).toEqual(alone.reconstruction);
  }
  expect(distance(all[0]!.latents.edited, all[1]!.latents.edited)).toBeGreaterThan(1e-3);
});

describe("guidance", () => {
  const latent = async (guidance: number, to = "happy") =>
    (await edit({ guidance, inversionGuidance: 1, to })).latents.edited;
  test("1 is no guidance: it equals the limit from both sides", async () => {
    const [below, one, above] = [await latent(1 - 1e-4), await latent(1), await latent(1 + 1e-4)];
    const middle = tensor(
      "float32",
      one.shape,
      below.data.map((v, i) => (v + above.data[i]!) / 2),
    );
    expect(distance(middle, one)).toBeLessThan(1e-5);
  });
  test("0 does not see the emotion, 3 does", async () => {
    expect(distance(await latent(0, "happy"), await latent(0, "sad"))).toBeLessThan(1e-6);
    expect(distance(await latent(3, "happy"), await latent(3, "sad"))).toBeGreaterThan(1e-3);
  });
});

test("events count both ways", async () => {
  const events: EditEvent[] = [];
  await finish(editor.edit({ ...given, to: "happy" }), (event) => events.push(event));
  expect(events.map(({ event, index, total }) => [event, index, total])).toEqual(
    Array.from({ length: 10 }, (_, i) => [i < 5 ? "inversion" : "sampling", i + 1, 10]),
  );
  // Both ways stop at the same levels, and ask where they come from.
  const times = events.map((event) => event.time);
  expect([times[0], times[5]]).toEqual([0, 500]);
  expect(times.slice(1, 5)).toEqual(times.slice(6).reverse());
  const thesis: EditEvent[] = [];
  await finish(editor.edit({ ...given, to: "happy", sampler: "ddim" }), (event) => thesis.push(event));
  expect(thesis.map((event) => event.time)).toEqual([1, 125, 250, 375, 500, 500, 375, 250, 125, 1]);
});

test.each(Array.from({ length: 11 }, (_, i) => i))("cancelled after step %i", async (step) => {
  const controller = new AbortController();
  if (step === 0) controller.abort();
  const running = finish(editor.edit({ ...given, to: "happy", signal: controller.signal }), ({ index }) => {
    if (index === step) controller.abort();
  });
  await expect(running).rejects.toMatchObject({ code: "cancelled" });
});

test("leaving the loop ends the edit, and the editor goes on", async () => {
  for await (const { index } of editor.edit({ ...given, to: "happy" })) if (index === 2) break;
  expect((await edit({})).to).toBe("happy");
});

test.each(["ddim", "dpmpp-2m"] as const)("invert gives the noise from which an edit by %s starts", async (sampler) => {
  const noisy = await finish(
    editor.invert({ latent: await editor.encode(image), from: "neutral", steps: 5, guidance: 2, sampler }),
  );
  expect(noisy).toEqual((await edit({ sampler })).latents.noisy);
});

test("refusals name the value and the mend", async () => {
  await expect(edit({ to: "bored" })).rejects.toThrow('no emotion "bored". Use one of neutral, happy, sad');
  await expect(edit({ from: "bored" })).rejects.toMatchObject({ code: "bad-input" });
  await expect(edit({ strength: 1000 })).rejects.toThrow("strength 1000");
  await expect(edit({ strength: 5, steps: 40 })).rejects.toThrow("Use at most 3 steps");
  await expect(edit({ image: tensor("float32", [1, 3, 15, 16]) })).rejects.toThrow("[1,3,15,16]");
  await expect(editAll({ to: [] })).rejects.toMatchObject({ code: "bad-input" });
  const model = microModel();
  const { "encoder.conv_in.weight": _, ...parameters } = model.firstStage.parameters;
  const broken = await createEditor({ ...model, host, firstStage: { ...model.firstStage, parameters } });
  await expect(broken.encode(image)).rejects.toThrow('hold no "encoder.conv_in.weight"');
});
