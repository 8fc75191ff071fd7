import { conditions, type EncodedCondition, emotion } from "@prosopon/conditioning";
import {
  type DdimPlan,
  ddim,
  ddimPlan,
  denoiser,
  fusedSampler,
  guided,
  guideOutput,
  guides,
  inversionPlan,
  linearSchedule,
  planInputs,
  planTensors,
  plms,
  strengthTimes,
  unet,
  unetConfig,
  uniformTimes,
} from "@prosopon/core-diffusion";
import { add, clip, concat, type Graph, input, mul, type Tensor, tensor, type Value } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { decode, encode, vqganConfig } from "@prosopon/vqgan";
import { expect, test } from "vitest";
import { averaged, type Case, expectClose, type Fixture, lazily, maximalError } from "./fixture.ts";
import { openProgram, runGraph } from "./run-graph.ts";

export interface EditingCases {
  /** Inversion and decoding (the original's variant B). */
  readonly manipulations: readonly string[];
  /** Generation from noise (its variant A). */
  readonly generations: readonly string[];
  readonly plms: readonly string[];
}

const schedule = linearSchedule();
const bigints = (data: Tensor["data"]) => [...(data as BigInt64Array)];

/** Recorded states, one for each step. */
function statesOf(recorded: Tensor): readonly Float32Array[] {
  const size = recorded.data.length / recorded.shape[0]!;
  return Array.from(
    { length: recorded.shape[0]! },
    (_, i) => recorded.data.slice(i * size, (i + 1) * size) as Float32Array,
  );
}

/** The fused edit and generation, and samplers outside a graph, against recorded states and pictures. */
export function editingCases(model: string, open: () => Fixture, cases: EditingCases): void {
  const setting = lazily(() => {
    const found = open();
    const config = unetConfig(found.config.unet);
    return {
      ...found,
      config,
      stage: vqganConfig(found.config.first_stage),
      sampling: averaged(found.weights),
      face: emotion({ count: 8, size: config.context_dim! }),
    };
  });
  /** Conditions that share the checkpoint's one embedder. */
  const known = (g: Graph, batch: number, ...names: string[]): Readonly<Record<string, EncodedCondition>> =>
    conditions(Object.fromEntries(names.map((name) => [name, setting().face])), {
      places: Object.fromEntries(names.map((name) => [name, "cond_stage_model"])),
    }).encode(scope(g), { batch }).conditions;
  const network = (g: Graph) => {
    const place = scope(g, "model.diffusion_model");
    return (x: Value, t: Value, context: Value) => unet(place, { x, t, context }, setting().config);
  };
  const predictor = (g: Graph, gamma: number) => {
    const ask = network(g);
    return ({ code, absent }: EncodedCondition) =>
      guides(gamma, "reference")
        ? guided({ network: ask, context: code, absent, scale: gamma })
        : (x: Value, t: Value) => ask(x, t, code);
  };

  const plans = ({ params }: Case) => {
    const times = strengthTimes(params["S"] as number, params["strength"] as number);
    return { times, up: inversionPlan(schedule, times), down: ddimPlan(schedule, times) };
  };

  /** The whole edit as one graph: encode, inversion, sampling, decode. */
  function edit(recorded: Case, fed: boolean) {
    const { in: given, params } = recorded;
    const { up, down } = plans(recorded);
    const { stage, sampling } = setting();
    const steps = (g: Graph, name: string, plan: DdimPlan) => (fed ? planInputs(g, name, plan.length) : plan);
    const more: Record<string, Tensor> = { "src/label": given["src"]!, "trg/label": given["trg"]! };
    for (const [name, plan] of fed
      ? ([
          ["up", up],
          ["down", down],
        ] as const)
      : [])
      for (const [key, value] of Object.entries(planTensors(plan))) more[`${name}/${key}`] = value;
    return runGraph(
      { image: given["image"]! },
      sampling,
      (g, { image }) => {
        const first = scope(g, "first_stage_model");
        const z = encode(first, image!, stage);
        const told = known(g, image!.shape[0]!, "src", "trg");
        const predict = predictor(g, params["gamma"] as number);
        const made = fusedSampler(
          z,
          [
            { plan: steps(g, "up", up), predict: predict(told["src"]!) },
            { plan: steps(g, "down", down), predict: predict(told["trg"]!) },
          ],
          { decode: (_, latent) => decode(first, latent, stage) },
        );
        const unit = (v: Value) => clip(mul(add(v, 1), 0.5), 0, 1);
        const walked = (way: string, values: readonly Value[]) => values.map((v, i) => [`${way} ${i}`, v] as const);
        return {
          z,
          x_lat: made.states[0]!.at(-1)!,
          x_rec: made.latent,
          decode_x_rec: made.decoded!,
          image_rec: unit(made.decoded!),
          image_x0: unit(decode(first, z, stage)),
          ...Object.fromEntries([...walked("forward", made.states[0]!), ...walked("backward", made.states[1]!)]),
        };
      },
      more,
    );
  }

  test.each(cases.manipulations)(`${model} %s: the edit, fused into one graph`, async (name) => {
    const recorded = setting().case(name);
    const { out, tolerance } = recorded;
    const found = await edit(recorded, false);
    for (const key of ["z", "x_lat", "x_rec", "decode_x_rec", "image_rec", "image_x0"])
      expectClose(`${model} ${name} ${key}`, found[key]!, out[key]!, tolerance(key));
    for (const way of ["forward", "backward"])
      statesOf(out[`${way}_states`]!).forEach((state, i) => {
        expectClose(`${model} ${name} ${way} ${i}`, found[`${way} ${i}`]!, state, tolerance(`${way}_states`));
      });
    const { times, up } = plans(recorded);
    expect(times.map(BigInt)).toEqual(bigints(out["timesteps"]!.data));
    expectClose(
      `${name} a`,
      up.map(({ to }) => to),
      out["alphas"]!,
      1e-6,
    );
    expectClose(
      `${name} a_prev`,
      up.map(({ from }) => from),
      out["alphas_prev"]!,
      1e-6,
    );
  });

  test(`${model}: an edit whose grid is fed gives the picture of one whose grid is built in`, async () => {
    const recorded = setting().case(cases.manipulations[0]!);
    const found = await edit(recorded, true);
    expectClose(
      `${model} fed`,
      found["decode_x_rec"]!,
      recorded.out["decode_x_rec"]!,
      recorded.tolerance("decode_x_rec"),
    );
    expect(maximalError(found["x_rec"]!.data, recorded.out["z"]!.data)).toBeGreaterThan(0.01);
  });

  /** One network call outside a graph, with guidance in one batch, the unconditional branch first. */
  async function openNetwork(shape: readonly number[], gamma: number) {
    const both = guides(gamma, "reference");
    const batch = shape[0]!;
    const wide = [both ? 2 * batch : batch, ...shape.slice(1)];
    const session = await openProgram(
      { x: tensor("float32", wide), t: tensor("int64", [wide[0]!]) },
      setting().sampling,
      (g, { x, t }) => {
        const { code, absent } = known(g, batch, "emotion")["emotion"]!;
        return { output: network(g)(x!, t!, both ? concat([absent, code], 0) : code) };
      },
    );
    const ask = async (noisy: Float32Array, time: number, label: Tensor): Promise<Float32Array> => {
      const { output } = await session.run({
        x: tensor("float32", wide, both ? Float32Array.from([...noisy, ...noisy]) : noisy),
        t: tensor("int64", [wide[0]!], new Array<number>(wide[0]!).fill(time)),
        "emotion/label": label,
      });
      const data = output!.data as Float32Array;
      return both ? guideOutput(data, gamma) : data;
    };
    return { ask, close: () => session[Symbol.asyncDispose]() };
  }

  const last = cases.manipulations.at(-1)!;
  test(`${model} ${last}: the sampler outside the graph walks the same way`, async () => {
    const recorded = setting().case(last);
    const { in: given, out, params, tolerance } = recorded;
    const { up, down } = plans(recorded);
    const { ask, close } = await openNetwork(out["z"]!.shape, params["gamma"] as number);
    let x = out["z"]!.data as Float32Array;
    for (const [plan, label, key] of [
      [up, given["src"]!, "x_lat"],
      [down, given["trg"]!, "x_rec"],
    ] as const) {
      const denoise = denoiser<Float32Array>((noisy, time) => ask(noisy, time, label));
      for await (const { noisy } of ddim(plan).sample(denoise, x)) x = noisy;
      expectClose(`${model} ${last} outside ${key}`, x, out[key]!, tolerance(key));
    }
    await close();
  });

  test.each(cases.generations)(`${model} %s: generation from noise`, async (name) => {
    const { in: given, out, params, tolerance } = setting().case(name);
    const { stage, sampling } = setting();
    const times = uniformTimes(params["S"] as number);
    const plan = ddimPlan(schedule, times, { eta: params["eta"] as number });
    const drawn = given["noise"];
    const found = await runGraph(
      { x_T: given["x_T"]! },
      sampling,
      (g, { x_T }) => {
        const told = known(g, x_T!.shape[0]!, "emotion")["emotion"]!;
        const predict = predictor(g, params["gamma"] as number)(told);
        const noise = drawn && input(g, "noise", "float32", drawn.shape);
        const made = fusedSampler(x_T!, [{ plan, predict, ...(noise ? { noise } : {}) }], {
          decode: (graph, latent) => decode(scope(graph, "first_stage_model"), latent, stage),
        });
        const states = made.states[0]!.map((value, i) => [`state ${i}`, value] as const);
        return { x: made.latent, decode: made.decoded!, ...Object.fromEntries(states) };
      },
      { "emotion/label": given["labels"]!, ...(drawn ? { noise: drawn } : {}) },
    );
    expect(times.map(BigInt)).toEqual(bigints(out["timesteps"]!.data));
    expectClose(`${name} sigmas`, plan.map(({ sigma }) => sigma).reverse(), out["sigmas"]!, tolerance("sigmas"));
    for (const key of ["x", "decode"]) expectClose(`${model} ${name} ${key}`, found[key]!, out[key]!, tolerance(key));
    statesOf(out["states"]!).forEach((state, i) => {
      expectClose(`${model} ${name} state ${i}`, found[`state ${i}`]!, state, tolerance("states"));
    });
  });

  for (const name of cases.plms)
    test(`${model} ${name}: multistep sampling`, async () => {
      const { in: given, out, params, tolerance } = setting().case(name);
      const { ask, close } = await openNetwork(given["x_T"]!.shape, params["gamma"] as number);
      const plan = ddimPlan(schedule, uniformTimes(params["S"] as number));
      const denoise = denoiser<Float32Array>((noisy, time) => ask(noisy, time, given["labels"]!));
      const states = statesOf(out["states"]!);
      for await (const { index, noisy } of plms(plan).sample(denoise, given["x_T"]!.data as Float32Array))
        expectClose(`${model} ${name} ${index}`, noisy, states[index]!, tolerance("states"));
      await close();
    });
}
