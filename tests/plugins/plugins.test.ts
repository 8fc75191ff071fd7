import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkConditionEncoder } from "@prosopon/conditioning/testing";
import {
  ddim,
  ddimPlan,
  denoiser,
  lastOf,
  linearSchedule,
  type Network,
  strengthTimes,
  unetConfig,
} from "@prosopon/core-diffusion";
import { encodeModel, gradients, graph, input, output, sizeOf, type Tensor, tensor } from "@prosopon/graph";
import { initialize, meanSquaredError, type ParameterSpec, scope } from "@prosopon/nn";
import { checkExpert } from "@prosopon/nn/testing";
import { createExpertRunner } from "@prosopon/perception";
import { gaussians } from "@prosopon/random";
import { createHost } from "@prosopon/runtime/node";
import { expect, test } from "vitest";
import { type Gaze, gaze } from "./gaze.ts";
import { gazeDenoiser } from "./gaze-denoiser.ts";
import { heun } from "./heun.ts";
import { texture } from "./texture.ts";

const schedule = linearSchedule();

test("the condition conforms and refuses what is no gaze", async () => {
  const condition = gaze({ size: 6 });
  await checkConditionEncoder<Gaze>(condition, [
    [0, 0],
    [1, -0.5],
    [-1, 1],
  ]);
  await expect(condition.feeds([[0, 2]], { name: "gaze" })).rejects.toMatchObject({ code: "bad-input" });
  await expect(condition.feeds([[Number.NaN, 0]], { name: "gaze" })).rejects.toThrow("[-1, 1]");
});

/** Data N(0, s²): the noise that a perfect network sees, and so the way of the probability flow, are known. */
const total = (alpha: number) => alpha * 0.25 + 1 - alpha;
const gaussian: Network<Float64Array> = (x, t) => x.map((v) => (v * Math.sqrt(1 - schedule[t]!)) / total(schedule[t]!));

async function orders(sampler: typeof heun): Promise<readonly number[]> {
  const start = Float64Array.of(1.3);
  const truth = 1.3 * Math.sqrt(total(schedule[0]!) / total(schedule[640]!));
  const errors: number[] = [];
  for (const steps of [20, 40, 80, 160]) {
    const times = Array.from({ length: steps + 1 }, (_, i) => (i * 640) / steps);
    const end = await lastOf(sampler(ddimPlan(schedule, times)).sample(denoiser(gaussian), start), start);
    errors.push(Math.abs(end[0]! - truth));
  }
  return errors.slice(1).map((error, i) => Math.log2(errors[i]! / error));
}

test("the sampler is of second order where DDIM is of first", async () => {
  for (const order of await orders(heun)) expect(order).toBeGreaterThan(1.7);
  for (const order of await orders(ddim)) expect(order).toBeLessThan(1.3);
});

test("the sampler counts its steps, stops with the signal and refuses plans that it cannot follow", async () => {
  const plan = ddimPlan(schedule, strengthTimes(4, 0.5));
  const controller = new AbortController();
  const seen: number[] = [];
  let calls = 0;
  const counting: Network<Float64Array> = (x) => {
    calls++;
    return x;
  };
  const start = Float64Array.of(1, -1);
  for await (const { index } of heun(plan).sample(denoiser(counting), start)) seen.push(index);
  expect(seen).toEqual([0, 1, 2, 3]);
  expect(calls).toBe(7);
  controller.abort();
  const stopped = heun(plan).sample(denoiser(counting), start, { signal: controller.signal });
  await expect(lastOf(stopped, start)).rejects.toMatchObject({ code: "cancelled" });
  expect(calls).toBe(7);
  expect(() => heun(ddimPlan(schedule, strengthTimes(4, 0.5), { eta: 1 }))).toThrow("eta 0");
});

/** Every parameter random: the layers that start at zero would hide the condition. */
const drawn = (parameters: Iterable<ParameterSpec>): ReadonlyMap<string, Tensor> =>
  new Map(
    Array.from(parameters, ({ name, shape }) => [
      name,
      tensor(
        "float32",
        shape,
        gaussians(5, name, 0, sizeOf(shape)).map((v) => 0.3 * v),
      ),
    ]),
  );

test("condition and sampler drive a U-Net", async () => {
  await using host = await createHost({ kind: "in-process", threads: 1 });
  const config = {
    ...unetConfig({
      in_channels: 1,
      out_channels: 1,
      model_channels: 8,
      attention_resolutions: [1],
      num_res_blocks: 1,
      channel_mult: [1],
      num_heads: 2,
    }),
    context_dim: 4,
  };
  const sampler = heun(ddimPlan(schedule, strengthTimes(3, 0.5)));
  const noise = gaussians(1, "start", 0, 16);
  const shape = [1, 1, 4, 4] as const;
  const picture = async (where: Gaze) => {
    const denoise = await gazeDenoiser({ host, config, shape, gazes: [where], weights: drawn });
    return Array.from(await lastOf(sampler.sample(denoise, noise), noise));
  };
  const right = await picture([1, 0]);
  expect(right.every(Number.isFinite)).toBe(true);
  expect(await picture([1, 0])).toEqual(right);
  const left = await picture([-1, 0]);
  expect(Math.max(...left.map((v, i) => Math.abs(v - right[i]!)))).toBeGreaterThan(1e-3);
});

test("the expert conforms, and measures the second moments of colours when its filters are the colours", async () => {
  expect(() => checkExpert(texture())).not.toThrow();
  const names = ["conv.weight", "conv.bias"];
  const parameters = { names, read: () => Promise.reject(new Error("not needed")) };
  expect(() => checkExpert(texture({ parameters }))).not.toThrow();
  await using host = await createHost({ kind: "in-process", threads: 1 });
  const weight = tensor("float32", [3, 3, 3, 3]);
  for (let c = 0; c < 3; c++) weight.data[c * 27 + c * 9 + 4] = 1;
  await using runner = createExpertRunner({
    host,
    expert: texture({ channels: 3 }),
    parameters: { "conv.weight": weight, "conv.bias": tensor("float32", [3]) },
  });
  const planes = gaussians(2, "image", 0, 3 * 1024).map(Math.tanh);
  const found = await runner.run(tensor("float32", [1, 3, 32, 32], planes));
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) {
      let moment = 0;
      for (let k = 0; k < 1024; k++) moment += ((planes[i * 1024 + k]! + 1) * (planes[j * 1024 + k]! + 1)) / 4096;
      expect(found.data[3 * i + j]).toBeCloseTo(moment, 5);
    }
});

test("the expert is a loss: a small step against its gradient lowers it by as much as the gradient says", async () => {
  const g = graph();
  const top = scope(g);
  const image = input(g, "image", "float32", [1, 3, 48, 48]);
  const expert = texture();
  const goal = input(g, "goal", "float32", [1, 64]);
  const loss = output(g, "loss", meanSquaredError(expert.features(top, expert.preprocess(image)).at(-1)!, goal));
  output(g, "slope", gradients(loss, [image])[0]!);
  await using host = await createHost({ kind: "in-process", threads: 1 });
  const session = await host.load({
    model: encodeModel(g, { parameters: "initializers" }),
    parameters: Object.fromEntries(initialize(top.parameters.values(), 1)),
  });
  const at = async (planes: Float32Array) => {
    const run = await session.run({
      image: tensor("float32", image.shape, planes),
      goal: tensor("float32", goal.shape),
    });
    return { loss: Number(run["loss"]!.data[0]), slope: run["slope"]!.data as Float32Array };
  };
  const start = gaussians(3, "image", 0, 3 * 48 * 48).map(Math.tanh);
  const before = await at(start);
  const steepness = before.slope.reduce((sum, v) => sum + v * v, 0);
  const rate = (0.02 * before.loss) / steepness;
  const after = await at(start.map((v, i) => v - rate * before.slope[i]!));
  expect((before.loss - after.loss) / (0.02 * before.loss)).toBeGreaterThan(0.9);
  expect((before.loss - after.loss) / (0.02 * before.loss)).toBeLessThan(1.1);
});

const folder = fileURLToPath(new URL(".", import.meta.url));
const plugins = readdirSync(folder).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));

test.each(plugins)("%s is short and uses public entries only", (file) => {
  const text = readFileSync(`${folder}${file}`, "utf8");
  expect(text.trimEnd().split("\n").length).toBeLessThan(40);
  const imports = [...text.matchAll(/from "([^"]+)"/g)].map(([, name]) => name!);
  expect(imports.length).toBeGreaterThan(1);
  expect(imports.filter((name) => !/^(@prosopon\/[a-z-]+(\/testing)?|\.\/gaze\.ts)$/.test(name))).toEqual([]);
});

test("docs/plugins.md shows these files and no other code", () => {
  const page = readFileSync(`${folder}../../docs/plugins.md`, "utf8");
  const shown = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!);
  expect(shown.sort()).toEqual(plugins.map((file) => readFileSync(`${folder}${file}`, "utf8")).sort());
});
