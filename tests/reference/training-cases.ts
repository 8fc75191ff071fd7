import { conditions, emotion } from "@prosopon/conditioning";
import { diffusionLoss, linearSchedule, unet, unetConfig } from "@prosopon/core-diffusion";
import { type Graph, gradients, input, type Tensor, tensor, type Value } from "@prosopon/graph";
import { adamW, emaRate, scope } from "@prosopon/nn";
import { expect, test } from "vitest";
import { expectClose, type Fixture, maximalError } from "./fixture.ts";
import { openProgram } from "./run-graph.ts";

const prefix = "model.diffusion_model";
const optimizer = adamW();
const stateName = (key: string, name: string) => `${key}/${name}`;

/** Parameters in the order of the original's optimizer, and the graph of one AdamW step over them. */
function stepGraph(model: Fixture, names: string[]) {
  const config = unetConfig(model.config.unet);
  return (g: Graph, { z, t, noise }: Readonly<Record<string, Value>>) => {
    const [body, top] = [scope(g, prefix), scope(g)];
    const encoders = { emotion: emotion({ count: 8, size: config.context_dim! }) };
    const batch = z!.shape[0]!;
    const made = conditions(encoders, { places: { emotion: "cond_stage_model" } });
    const context = made.encode(top, { batch, droppable: ["emotion"] }).injected().tokens!;
    const { loss, simple, bound } = diffusionLoss({
      schedule: linearSchedule(),
      latent: z!,
      time: t!,
      noise: noise!,
      predict: (x, time) => unet(body, { x, t: time, context }, config),
    });
    names.push(...body.parameters.keys(), ...top.parameters.keys());
    const parameters = names.map((name) => g.parameters.find((p) => p.name === name)!);
    const outputs: Record<string, Value> = { loss, loss_simple: simple, loss_vlb: bound! };
    const scalars = Object.fromEntries(
      Object.keys(optimizer.scalars(1, 1)).map((key) => [key, input(g, `scalar/${key}`, "float32", [])]),
    );
    gradients(loss, parameters).forEach((gradient, i) => {
      const parameter = parameters[i]!;
      const state = Object.fromEntries(
        optimizer.state.map((key) => [key, input(g, stateName(key, parameter.name), "float32", parameter.shape)]),
      );
      const next = optimizer.update({ parameter, gradient, state, scalars });
      outputs[`grad.${parameter.name}`] = gradient;
      outputs[`param.${parameter.name}`] = next.parameter;
      for (const key of optimizer.state) outputs[`${key}.${parameter.name}`] = next.state[key]!;
    });
    return outputs;
  };
}

const feedsOf = (given: Readonly<Record<string, Tensor>>, step = "") => ({
  z: given[`${step}z`]!,
  t: given[`${step}t`]!,
  noise: given[`${step}noise`]!,
});

const more = (labels: Tensor, dropped: number, count: number, rate: number): Record<string, Tensor> => ({
  "emotion/label": labels,
  "emotion/dropped": tensor("bool", labels.shape, new Array<number>(labels.shape[0]!).fill(dropped)),
  ...Object.fromEntries(
    Object.entries(optimizer.scalars(count, rate)).map(([key, value]) => [
      `scalar/${key}`,
      tensor("float32", [], [value]),
    ]),
  ),
});

/** Checks both optimizer steps, EMA and the resumed step of a model's fixtures. */
export function trainingCases(label: string, model: () => Fixture): void {
  test(`${label} train: two AdamW steps with averages, the second without a condition`, async () => {
    const { weights, case: find, config } = model();
    const { in: given, out, params, tolerance } = find("train");
    const names: string[] = [];
    await using session = await openProgram(feedsOf(given, "A."), weights, stepGraph(model(), names));
    const trained = new Map(names.map((name) => [name, weights.get(name)!]));
    const state = new Map<string, Tensor>();
    for (const name of names)
      for (const key of optimizer.state) state.set(stateName(key, name), tensor("float32", trained.get(name)!.shape));
    // The original's null embedding has no gradient at all, not a zero one, until it is first used: its optimizer passes it over.
    const used = new Set(names.filter((name) => name !== "cond_stage_model.uncond_embedding.weight"));
    const steps = new Map(names.map((name) => [name, 0]));
    const rate = params["lr"] as number;
    const shadow = (name: string) => `model_ema.${name.slice("model.".length).replaceAll(".", "")}`;
    const averages = new Map<string, Float32Array>();
    let updates = config.num_updates;
    for (const step of ["A", "B"]) {
      if (step === "B") used.add("cond_stage_model.uncond_embedding.weight");
      for (const name of used) steps.set(name, steps.get(name)! + 1);
      const run = (count: number) =>
        session.run({
          ...feedsOf(given, `${step}.`),
          ...Object.fromEntries(trained),
          ...Object.fromEntries(state),
          ...more(given[`${step}.labels`]!, step === "B" ? 1 : 0, count, rate),
        });
      const found = await run(step === "A" ? 1 : 2);
      // The one parameter that starts a step late has a bias correction of its own.
      const late = step === "B" ? await run(1) : found;
      updates++;
      for (const name of used) {
        const source = steps.get(name) === 1 ? late : found;
        trained.set(name, source[`param.${name}`]!);
        for (const key of optimizer.state) state.set(stateName(key, name), source[`${key}.${name}`]!);
      }
      for (const key of ["loss", "loss_simple", "loss_vlb"])
        expectClose(`${label} ${step} ${key}`, found[key]!, out[`${step}.${key}`]!, tolerance(`${step}.${key}`));
      for (const name of params["named"] as string[]) {
        const expected = (kind: string) => out[`${step}.${kind}.${name}`];
        const check = (kind: string, actual: Tensor | Float32Array) =>
          expected(kind) &&
          expectClose(
            `${label} ${step} ${kind} ${name}`,
            actual,
            expected(kind)!,
            tolerance(`${step}.${kind}.${name}`),
          );
        check("grad", found[`grad.${name}`]!);
        check("param", trained.get(name)!);
        if (!expected("ema")) continue;
        const before = averages.get(name) ?? (weights.get(shadow(name))!.data as Float32Array);
        const now = trained.get(name)!.data as Float32Array;
        averages.set(
          name,
          before.map((s, i) => s - emaRate(updates) * (s - now[i]!)),
        );
        check("ema", averages.get(name)!);
      }
      expect(updates).toBe(Number(out[`${step}.num_updates`]!.data[0]));
    }
    const moved = "A.param.model.diffusion_model.input_blocks.0.0.weight";
    expect(maximalError(out[moved]!.data, weights.get(moved.slice(8))!.data)).toBeGreaterThan(tolerance(moved));
  });

  test(`${label} resume: one step from the checkpoint's optimizer state, in its parameter order`, async () => {
    const { weights, case: find } = model();
    const { in: given, out, params, tolerance } = find("resume");
    const names: string[] = [];
    await using session = await openProgram(feedsOf(given), weights, stepGraph(model(), names));
    const stored = [...weights.keys()].filter((name) => name.startsWith(prefix) || name.startsWith("cond_stage_model"));
    expect(names).toEqual(stored);
    const state: Record<string, Tensor> = {};
    let count = 0;
    names.forEach((name, i) => {
      count = Number(weights.get(`optimizer.0.${i}.step`)?.data[0] ?? count);
      for (const key of optimizer.state)
        state[stateName(key, name)] =
          weights.get(`optimizer.0.${i}.${key}`) ?? tensor("float32", weights.get(name)!.shape);
    });
    expect(count).toBeGreaterThan(0);
    const found = await session.run({ ...feedsOf(given), ...state, ...more(given["labels"]!, 0, count + 1, 2.4e-5) });
    expectClose(`${label} resume loss`, found["loss"]!, out["loss"]!, tolerance("loss"));
    const kinds = ["param", ...optimizer.state];
    const keys = (params["named"] as string[]).flatMap((name) => kinds.map((kind) => `${kind}.${name}`));
    const checked = keys.filter((key) => out[key]);
    expect(checked.length).toBeGreaterThanOrEqual(12);
    for (const key of checked) expectClose(`${label} resume ${key}`, found[key]!, out[key]!, tolerance(key));
  });
}
