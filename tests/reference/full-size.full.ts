import {
  ddim,
  ddimPlan,
  denoiser,
  guideOutput,
  inversionPlan,
  linearSchedule,
  strengthTimes,
  timestepEmbedding,
  type UnetConfigInput,
  unet,
  unetConfig,
} from "@prosopon/core-diffusion";
import { graph, input, type Tensor, tensor, type Value } from "@prosopon/graph";
import { type ParameterSpec, type Scope, scope } from "@prosopon/nn";
import type { Session } from "@prosopon/runtime";
import { declareFirstStage, decode, discriminator, encode, encoder, quantize, vqganConfig } from "@prosopon/vqgan";
import { describe, expect, test } from "vitest";
import { expectClose, fullRoot, haveFull, readTensors } from "./fixture.ts";
import { fnv1a, generated, generatedWeight } from "./generator.ts";
import { openProgram, runGraph } from "./run-graph.ts";

const body: UnetConfigInput = {
  image_size: 32,
  in_channels: 3,
  out_channels: 3,
  model_channels: 160,
  attention_resolutions: [4, 2, 1],
  num_res_blocks: 2,
  channel_mult: [1, 2, 4],
  num_head_channels: 32,
  context_dim: 512,
};
const affectnet = unetConfig(body);
const mead = unetConfig({ ...body, in_channels: 9, context_dim: 1024 });
const stage = vqganConfig({
  embed_dim: 3,
  n_embed: 16384,
  ddconfig: { z_channels: 3, resolution: 128, ch: 128, ch_mult: [1, 2, 4], num_res_blocks: 2, attn_resolutions: [32] },
});

/** Weights for what `declare` declares, filled by the generator; keys are the names without a model's prefix. */
function weightsOf(declare: (place: Scope) => void): ReadonlyMap<string, Tensor> {
  const place = scope(graph());
  declare(place);
  const fill = ({ name, shape, dtype }: ParameterSpec): Tensor =>
    dtype === "float32" ? generatedWeight(name, shape) : tensor(dtype, shape);
  return new Map([...place.parameters.values()].map((specification) => [specification.name, fill(specification)]));
}

const root12 = Math.sqrt(12);

/** Population mean and deviation, and single elements, against the table. */
function golden(found: Tensor, mean: number, deviation: number, samples: Readonly<Record<number, number>>): void {
  const data = found.data as Float32Array;
  const average = data.reduce((sum, v) => sum + v, 0) / data.length;
  const spread = Math.sqrt(data.reduce((sum, v) => sum + (v - average) ** 2, 0) / data.length);
  expect(Math.abs(average - mean)).toBeLessThan(1e-4);
  expect(Math.abs(spread - deviation)).toBeLessThan(1e-4);
  for (const [index, value] of Object.entries(samples))
    expect(Math.abs(data[Number(index)]! - value), `element ${index}`).toBeLessThan(
      1e-4 * Math.max(1, Math.abs(value)),
    );
}

const declareUnet = (config: typeof affectnet) => (place: Scope) => {
  const x = input(place.graph, "x", "float32", [1, config.in_channels, 32, 32]);
  const t = input(place.graph, "t", "float32", [1]);
  const context = input(place.graph, "context", "float32", [1, 1, config.context_dim!]);
  unet(place, { x, t, context }, config);
};

const normal = (key: string, shape: readonly number[]) => generated(key, shape, root12);

describe.skipIf(!haveFull())("thesis-size networks with generated weights", () => {
  test("the generator is the one of the golden numbers", () => {
    expect(fnv1a("x")).toBe(4245442695);
    const u = generated("x", [3], 1).data;
    [0.356747879, -0.000338178, 0.330507009].forEach((expected, i) => {
      expect(u[i]!).toBeCloseTo(expected, 7);
    });
  });

  test("reenactment U-Net: embedding, activations, prediction", async () => {
    const feeds = {
      x: normal("x", [2, 3, 32, 32]),
      t: tensor("int64", [2], [1, 500]),
      context: normal("context", [2, 1, 512]),
    };
    const weights = weightsOf(declareUnet(affectnet));
    const found = await runGraph(feeds, weights, (g, { x, t, context }) => {
      const traced: Record<string, Value> = { sinusoids: timestepEmbedding(t!, 160) };
      const wanted = ["time_embed", "input_blocks.0", "input_blocks.1.0", "input_blocks.1.1"];
      traced["eps"] = unet(scope(g), { x: x!, t: t!, context }, affectnet, {
        trace: (name, value) => {
          if (wanted.includes(name)) traced[name] = value;
        },
      });
      return traced;
    });
    golden(found["sinusoids"]!, 0.39136, 0.588929, {
      0: 0.540302,
      1: 0.628439,
      2: 0.700764,
      106: 0.050098,
      160: -0.883849,
      319: 0.056072,
    });
    golden(found["time_embed"]!, 0.012028, 0.399636, {
      0: -0.103701,
      1: 0.295956,
      2: 0.154634,
      640: -0.30925,
      1279: 0.099669,
    });
    golden(found["input_blocks.0"]!, -0.002785, 0.982825, {
      0: -0.741882,
      1: -0.545898,
      163840: 0.913454,
      327679: -1.395,
    });
    golden(found["input_blocks.1.0"]!, -0.012943, 1.161377, {
      0: -0.273828,
      1: -0.548519,
      163840: 1.325894,
      327679: -0.961906,
    });
    golden(found["input_blocks.1.1"]!, 0.040634, 1.983116, {
      0: 0.930516,
      1: 0.516699,
      163840: 1.262849,
      327679: -0.443085,
    });
    golden(found["eps"]!, -0.583666, 0.562593, {
      0: -0.3293,
      1: -0.572116,
      2: -0.400905,
      2048: -0.049031,
      3072: -0.162518,
      6143: -0.777163,
    });
    const { tensors } = readTensors(`${fullRoot}/full-size/affectnet-generator.safetensors`);
    expectClose("full-size affectnet eps", found["eps"]!, tensors.get("affectnet.out.eps")!, 1e-4);
  });

  test("talking-face U-Net: prediction", async () => {
    const feeds = {
      x: normal("x", [1, 9, 32, 32]),
      t: tensor("int64", [1], [876]),
      context: normal("context", [1, 1, 1024]),
    };
    const { eps } = await runGraph(feeds, weightsOf(declareUnet(mead)), (g, { x, t, context }) => ({
      eps: unet(scope(g), { x: x!, t: t!, context }, mead),
    }));
    golden(eps!, -0.016074, 0.48802, {
      0: -0.375163,
      1: -0.665743,
      2: -0.69816,
      1024: -0.329635,
      1536: 0.047129,
      3071: -0.126953,
    });
    const { tensors } = readTensors(`${fullRoot}/full-size/mead-generator.safetensors`);
    expectClose("full-size mead eps", eps!, tensors.get("mead.out.eps")!, 1e-4);
  });

  test("first stage and discriminator", async () => {
    const image = generated("image", [1, 3, 128, 128], 2);
    const judge = (place: Scope) => place.at("loss").at("discriminator");
    const weights = weightsOf((place) => {
      declareFirstStage(place, stage);
      discriminator(judge(place), input(place.graph, "image", "float32", [1, 3, 128, 128]));
    });
    const found = await runGraph({ image }, weights, (g, { image }) => {
      const place = scope(g);
      const h = encode(place, image!, stage);
      const { codes, indices, loss } = quantize(place.at("quantize"), h, stage);
      return {
        encoder: encoder(place.at("encoder"), image!, stage),
        h,
        codes,
        indices,
        loss,
        decode: decode(place, h, stage),
        unquantized: decode(place, h, stage, { quantize: false }),
        logits: discriminator(judge(place), image!),
      };
    });
    golden(found["encoder"]!, 0.210841, 0.590897, {
      0: 0.189878,
      1: 0.148449,
      2: 0.374703,
      1024: 0.363182,
      3071: 0.188809,
    });
    golden(found["h"]!, 0.180641, 0.419589, { 0: 0.224869, 1: 0.406589, 1024: -0.21442, 3071: 0.023692 });
    golden(found["codes"]!, 0.171115, 0.396223, { 0: 0.22313, 1: 0.400037, 1024: -0.239306, 3071: -0.000663 });
    const indices = [...(found["indices"]!.data as BigInt64Array)].map(Number);
    expect(indices.slice(0, 8)).toEqual([16249, 6836, 2168, 2637, 4355, 15028, 8389, 8440]);
    expect(indices.reduce((a, b) => a + b)).toBe(8_514_140);
    expect(new Set(indices).size).toBe(452);
    expect(Number(found["loss"]!.data[0])).toBeCloseTo(0.005279, 6);
    golden(found["decode"]!, 0.498462, 0.449705, {
      0: 0.095127,
      1: 0.752266,
      2: 0.820955,
      16384: -0.326823,
      24576: 0.603978,
      49151: -0.360877,
    });
    golden(found["unquantized"]!, 0.494038, 0.449414, { 0: 0.096882, 1: 0.724581, 16384: -0.313961, 49151: -0.343153 });
    golden(found["logits"]!, 0.030148, 0.101053, { 0: 0.23042, 1: -0.019694, 98: 0.057612, 195: 0.01144 });
    const { tensors } = readTensors(`${fullRoot}/full-size/affectnet-generator.safetensors`);
    expectClose("full-size vqgan encode", found["h"]!, tensors.get("vqgan.out.encode")!, 1e-4);
    expectClose("full-size vqgan decode", found["decode"]!, tensors.get("vqgan.out.decode")!, 1e-4);
    expectClose("full-size vqgan indices", found["indices"]!, tensors.get("vqgan.out.indices")!, 0);
  });

  test("a whole edit, without and with guidance", async () => {
    const weights = weightsOf(declareUnet(affectnet));
    const token = (key: string) => normal(key, [1, 1, 512]);
    const times = strengthTimes(6, 0.5);
    const schedule = linearSchedule();
    const open = (batch: number) =>
      openProgram(
        {
          x: tensor("float32", [batch, 3, 32, 32]),
          t: tensor("int64", [batch]),
          context: tensor("float32", [batch, 1, 512]),
        },
        weights,
        (g, { x, t, context }) => ({ eps: unet(scope(g), { x: x!, t: t!, context }, affectnet) }),
      );
    const walk = async (session: Session, gamma: number) => {
      const ask = async (noisy: Float32Array, time: number, condition: Tensor): Promise<Float32Array> => {
        const batch = gamma > 1 ? 2 : 1;
        const branches = batch === 2 ? [token("uc"), condition] : [condition];
        const { eps } = await session.run({
          x: tensor("float32", [batch, 3, 32, 32], Float32Array.from(branches.flatMap(() => [...noisy]))),
          t: tensor("int64", [batch], new Array<number>(batch).fill(time)),
          context: tensor(
            "float32",
            [batch, 1, 512],
            Float32Array.from(branches.flatMap(({ data }) => [...(data as Float32Array)])),
          ),
        });
        return batch === 2 ? guideOutput(eps!.data as Float32Array, gamma) : (eps!.data as Float32Array);
      };
      let x: Float32Array = normal("z0", [1, 3, 32, 32]).data;
      const ends: Tensor[] = [];
      for (const [plan, key] of [
        [inversionPlan(schedule, times), "c_src"],
        [ddimPlan(schedule, times), "c_trg"],
      ] as const) {
        const denoise = denoiser<Float32Array>((noisy, time) => ask(noisy, time, token(key)));
        for await (const { noisy } of ddim(plan).sample(denoise, x)) x = noisy;
        ends.push(tensor("float32", [1, 3, 32, 32], x));
      }
      return ends;
    };
    {
      await using single = await open(1);
      const [up, down] = await walk(single, 1);
      golden(up!, -0.385839, 0.65936, { 0: 0.858568, 1: 0.257951, 2: 0.132044, 1024: -0.963381, 3071: -0.175362 });
      golden(down!, 0.761439, 1.907284, { 0: 4.163275, 1: 3.85398, 2: 3.65856, 1024: -2.558912, 3071: 0.455715 });
    }
    await using double = await open(2);
    const [up, down] = await walk(double, 3);
    golden(up!, -0.364443, 1.073661, { 0: 1.480494, 1: 0.812876, 2: 0.61174, 1024: -1.027856, 3071: 0.178369 });
    golden(down!, 1.852842, 4.356858, { 0: 8.681384, 1: 9.472912, 2: 8.589103, 1024: -2.556067, 3071: 1.650343 });
  });
});
