import { audioWindow, conditions, emotion, identityFrame, maskedTarget, windowOf } from "@prosopon/conditioning";
import {
  ddim,
  ddimPlan,
  denoiser,
  diffusionLoss,
  linearSchedule,
  unet,
  unetConfig,
  uniformTimes,
} from "@prosopon/core-diffusion";
import { add, concat, type Graph, gradients, input, mul, sub, type Tensor, tensor, type Value } from "@prosopon/graph";
import { adamW, emaRate, scope } from "@prosopon/nn";
import { decode, encode, vqganConfig } from "@prosopon/vqgan";
import { expect, test } from "vitest";
import { averaged, expectClose, type Fixture, lazily, maximalError } from "./fixture.ts";
import { openProgram, runGraph } from "./run-graph.ts";

const schedule = linearSchedule();
const prefix = "model.diffusion_model";
const optimizer = adamW();

const rows = (recorded: Tensor): readonly Float32Array[] => {
  const size = recorded.data.length / recorded.shape[0]!;
  return Array.from(
    { length: recorded.shape[0]! },
    (_, i) => recorded.data.slice(i * size, (i + 1) * size) as Float32Array,
  );
};

/** The thesis' talking face as a whole: sampling, the chain of frames, and two optimizer steps. */
export function talkingCases(model: string, open: () => Fixture): void {
  const setting = lazily(() => {
    const found = open();
    const { unet: body, first_stage, class_embed_dim: size, audio_dim: features, latent_hw } = found.config;
    const [height, width] = latent_hw as [number, number];
    const told = conditions(
      {
        emotion: emotion({ count: 8, size, null: "row" }),
        audio: audioWindow({ before: 4, after: 4, features, encode: "temporal-attention" }),
        masked: maskedTarget({ height, width }),
        identity: identityFrame({ height, width }),
      },
      { places: { emotion: "cond_stage_model_1", audio: "cond_stage_model_2" } },
    );
    return {
      ...found,
      body: unetConfig(body),
      stage: vqganConfig(first_stage),
      sampling: averaged(found.weights),
      told,
      height,
      width,
    };
  });

  /** [B, 6, h, w] as the two latents that it joins. */
  function halves({ shape, data }: Tensor): { readonly masked: Tensor; readonly identity: Tensor } {
    const [batch, , height, width] = shape as [number, number, number, number];
    const size = 3 * height * width;
    const half = (part: number) => {
      const values = new Float32Array(batch * size);
      for (let b = 0; b < batch; b++)
        values.set((data as Float32Array).subarray((2 * b + part) * size, (2 * b + part + 1) * size), b * size);
      return tensor("float32", [batch, 3, height, width], values);
    };
    return { masked: half(0), identity: half(1) };
  }

  /** One network call for a batch, guidance in a second branch without the emotion (the original's variant C calls twice). */
  async function openNetwork(batch: number, gamma: number) {
    const { body, told, sampling, height, width } = setting();
    const shape = [batch, 3, height, width];
    const session = await openProgram(
      { x: tensor("float32", shape), t: tensor("int64", [batch]) },
      sampling,
      (g, { x, t }) => {
        const network = scope(g, prefix);
        const encoded = told.encode(scope(g), { batch });
        const ask = (without: readonly "emotion"[]) => {
          const { tokens, channels } = encoded.injected(without);
          return {
            tokens: tokens!,
            output: unet(network, { x: concat([x!, channels!], 1), t: t!, context: tokens! }, body),
          };
        };
        const known = ask([]);
        if (gamma <= 1) return { output: known.output, context: known.tokens };
        const free = ask(["emotion"]);
        const output = add(free.output, mul(sub(known.output, free.output), gamma));
        return { output, context: known.tokens, absent: free.tokens };
      },
    );
    const call = (noisy: Float32Array, time: number, feeds: Readonly<Record<string, Tensor>>) =>
      session.run({
        x: tensor("float32", shape, noisy),
        t: tensor("int64", [batch], new Array<number>(batch).fill(time)),
        ...feeds,
      });
    return { call, close: () => session[Symbol.asyncDispose]() };
  }

  test.each(["ddimC-S8-eta1", "ddimC-S5-g2"])(`${model} %s: sampling under all conditions`, async (name) => {
    const { in: given, out, params, tolerance } = setting().case(name);
    const { labels, audio, c_concat, x_T, noise } = given as Readonly<Record<string, Tensor>>;
    const batch = x_T!.shape[0]!;
    const { call, close } = await openNetwork(batch, params["gamma"] as number);
    const { masked, identity } = halves(c_concat!);
    const feeds = {
      "emotion/label": labels!,
      "audio/window": audio!,
      "masked/latents": masked,
      "identity/latents": identity,
    };
    const times = uniformTimes(params["S"] as number);
    const plan = ddimPlan(schedule, times, { eta: params["eta"] as number });
    const first = await call(x_T!.data as Float32Array, times.at(-1)!, feeds);
    expectClose(`${name} c_crossattn`, first["context"]!, out["c_crossattn"]!, tolerance("c_crossattn"));
    if (out["uc_crossattn"])
      expectClose(`${name} uc_crossattn`, first["absent"]!, out["uc_crossattn"], tolerance("uc_crossattn"));
    expectClose(`${name} sigmas`, plan.map(({ sigma }) => sigma).reverse(), out["sigmas"]!, tolerance("sigmas"));
    expect(times.map(BigInt)).toEqual([...(out["timesteps"]!.data as BigInt64Array)]);
    const drawn = noise && rows(noise);
    const denoise = denoiser<Float32Array>(
      async (x, time) => (await call(x, time, feeds))["output"]!.data as Float32Array,
    );
    const states = rows(out["states"]!);
    const walk = ddim(plan).sample(denoise, x_T!.data as Float32Array, drawn ? { noise: (step) => drawn[step]! } : {});
    let last: Float32Array = x_T!.data as Float32Array;
    for await (const { index, noisy } of walk) {
      expectClose(`${name} state ${index}`, noisy, states[index]!, tolerance("states"));
      last = noisy;
    }
    expectClose(`${name} x`, last, out["x"]!, tolerance("x"));
    await close();
  });

  test.each([
    "chain-eta0",
    "chain-eta1",
  ])(`${model} %s: frames one after another, each by the face of the one before`, async (name) => {
    const { in: given, out, params, tolerance } = setting().case(name);
    const { stage, sampling, weights, height, width } = setting();
    const encoded = await runGraph(
      { identity: given["identity"]!, masked: given["masked"]! },
      weights,
      (g, pictures) => {
        const place = scope(g, "first_stage_model");
        return { z_id: encode(place, pictures["identity"]!, stage), z_mask: encode(place, pictures["masked"]!, stage) };
      },
    );
    for (const key of ["z_id", "z_mask"]) expectClose(`${name} ${key}`, encoded[key]!, out[key]!, tolerance(key));
    const frames = params["frames"] as number;
    const steps = params["S"] as number;
    const plan = ddimPlan(schedule, uniformTimes(steps), { eta: params["eta"] as number });
    const { call, close } = await openNetwork(1, 1);
    const latent = (data: Float32Array) => tensor("float32", [1, 3, height, width], data);
    const [masks, starts, states] = [rows(encoded["z_mask"]!), rows(given["x_T"]!), rows(out["states"]!)];
    const audio = given["audio"] as Tensor<"float32">;
    const reach = params["window"] as number;
    const draws = given["noise"] && rows(given["noise"]);
    let identity: Float32Array = encoded["z_id"]!.data as Float32Array;
    const made: Float32Array[] = [];
    const size = 3 * height * width;
    for (let k = 0; k < frames; k++) {
      const { shape, data } = windowOf(audio, k, { before: reach, after: reach });
      const feeds = {
        "emotion/label": tensor("int64", [1], [params["label"] as number]),
        "audio/window": tensor("float32", [1, ...shape], data),
        "masked/latents": latent(masks[k]!),
        "identity/latents": latent(identity),
      };
      const first = await call(starts[k]!, 801, feeds);
      const token = (first["context"]!.data as Float32Array).slice(-audio.shape[1]!);
      expectClose(`${name} audio token ${k}`, token, rows(out["audio_tokens"]!)[k]!, tolerance("audio_tokens"));
      const denoise = denoiser<Float32Array>(
        async (x, time) => (await call(x, time, feeds))["output"]!.data as Float32Array,
      );
      const noise = draws ? { noise: (step: number) => draws[k]!.slice(step * size, (step + 1) * size) } : {};
      let x = starts[k]!;
      for await (const { index, noisy } of ddim(plan).sample(denoise, x, noise)) {
        x = noisy;
        expectClose(
          `${name} frame ${k} state ${index}`,
          x,
          states[k]!.slice(index * size, (index + 1) * size),
          tolerance("states"),
        );
      }
      made.push(x);
      // The next frame looks at this one, as it came out.
      identity = x;
    }
    await close();
    const latents = tensor("float32", [frames, 3, height, width], Float32Array.from(made.flatMap((x) => [...x])));
    expectClose(`${name} frames`, latents, out["frames"]!, tolerance("frames"));
    const { decoded } = await runGraph({ latents }, sampling, (g, { latents: z }) => ({
      decoded: decode(scope(g, "first_stage_model"), z!, stage),
    }));
    expectClose(`${name} decode`, decoded!, out["decode"]!, tolerance("decode"));
    expect(maximalError(made[0]!, made[1]!)).toBeGreaterThan(tolerance("frames"));
  });

  test(`${model} train: two AdamW steps through audio attention and embedding, with averages`, async () => {
    const { body, told, weights, config, case: find } = setting();
    const { in: given, out, params, tolerance } = find("train");
    const names: string[] = [];
    const feedsOf = (step: string) => ({
      z: given[`${step}.z`]!,
      t: given[`${step}.t`]!,
      noise: given[`${step}.noise`]!,
    });
    const build = (g: Graph, { z, t, noise }: Readonly<Record<string, Value>>) => {
      const top = scope(g);
      const network = scope(g, prefix);
      const { tokens, channels } = told.encode(top, { batch: z!.shape[0]!, droppable: ["emotion"] }).injected();
      const { loss } = diffusionLoss({
        schedule,
        latent: z!,
        time: t!,
        noise: noise!,
        predict: (x, time) => unet(network, { x: concat([x, channels!], 1), t: time, context: tokens! }, body),
      });
      names.push(...network.parameters.keys(), ...top.parameters.keys());
      const parameters = names.map((name) => g.parameters.find((p) => p.name === name)!);
      const scalars = Object.fromEntries(
        Object.keys(optimizer.scalars(1, 1)).map((key) => [key, input(g, `scalar/${key}`, "float32", [])]),
      );
      const outputs: Record<string, Value> = { loss };
      gradients(loss, parameters).forEach((gradient, i) => {
        const parameter = parameters[i]!;
        const state = Object.fromEntries(
          optimizer.state.map((key) => [key, input(g, `${key}/${parameter.name}`, "float32", parameter.shape)]),
        );
        const next = optimizer.update({ parameter, gradient, state, scalars });
        outputs[`grad.${parameter.name}`] = gradient;
        outputs[`param.${parameter.name}`] = next.parameter;
        for (const key of optimizer.state) outputs[`${key}.${parameter.name}`] = next.state[key]!;
      });
      return outputs;
    };
    await using session = await openProgram(feedsOf("A"), weights, build);
    const trained = new Map(names.map((name) => [name, weights.get(name)!]));
    const state = new Map(
      names.flatMap((name) =>
        optimizer.state.map(
          (key) => [`${key}/${name}`, tensor("float32", trained.get(name)!.shape) as Tensor] as const,
        ),
      ),
    );
    const averages = new Map<string, Float32Array>();
    let updates = config.num_updates as number;
    for (const [index, step] of ["A", "B"].entries()) {
      const { masked, identity } = halves(given[`${step}.c_concat`]!);
      const dropped = step === "B" ? 1 : 0;
      const labels = given[`${step}.labels`]!;
      const found = await session.run({
        ...feedsOf(step),
        ...Object.fromEntries(trained),
        ...Object.fromEntries(state),
        // The null label 8 is what a dropped emotion reads.
        "emotion/label": dropped ? tensor("int64", labels.shape) : labels,
        "emotion/dropped": tensor("bool", labels.shape, new Array<number>(labels.shape[0]!).fill(dropped)),
        "audio/window": given[`${step}.audio`]!,
        "masked/latents": masked,
        "identity/latents": identity,
        ...Object.fromEntries(
          Object.entries(optimizer.scalars(index + 1, params["lr"] as number)).map(([key, value]) => [
            `scalar/${key}`,
            tensor("float32", [], [value]),
          ]),
        ),
      });
      updates++;
      for (const name of names) {
        trained.set(name, found[`param.${name}`]!);
        for (const key of optimizer.state) state.set(`${key}/${name}`, found[`${key}.${name}`]!);
      }
      expectClose(`${step} loss`, found["loss"]!, out[`${step}.loss`]!, tolerance(`${step}.loss`));
      for (const name of params["named"] as string[]) {
        for (const kind of ["grad", "param"])
          expectClose(
            `${step} ${kind} ${name}`,
            found[`${kind}.${name}`]!,
            out[`${step}.${kind}.${name}`]!,
            tolerance(`${step}.${kind}.${name}`),
          );
        const expected = out[`${step}.ema.${name}`];
        if (!expected) continue;
        const before =
          averages.get(name) ??
          (weights.get(`model_ema.${name.slice("model.".length).replaceAll(".", "")}`)!.data as Float32Array);
        const now = trained.get(name)!.data as Float32Array;
        averages.set(
          name,
          before.map((s, i) => s - emaRate(updates) * (s - now[i]!)),
        );
        expectClose(`${step} ema ${name}`, averages.get(name)!, expected, tolerance(`${step}.ema.${name}`));
      }
    }
  });
}
