import { type Graph, gradients, graph, input, scalar, type Tensor, tensor, type Value } from "@prosopon/graph";
import { adam, initialize } from "@prosopon/nn";
import { openProgram } from "../reference/run-graph.ts";

const optimizer = adam({ beta1: 0.9 });

export interface TinyTraining {
  readonly steps: number;
  readonly rate: number;
  readonly seed: number;
  /** Data of a step. */
  readonly feeds: (step: number) => Readonly<Record<string, Tensor>>;
  /** The scalar to minimise; its parameters are what is trained. */
  readonly loss: (g: Graph, inputs: Readonly<Record<string, Value>>) => Value;
}

/** Trains a network of a few thousand parameters in this process; the rate falls to nothing along a cosine. */
export async function trainTiny({ steps, rate, seed, feeds, loss }: TinyTraining) {
  const names: string[] = [];
  const build = (g: Graph, inputs: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> => {
    const value = loss(g, inputs);
    names.push(...g.parameters.map(({ name }) => name));
    const all = [...g.parameters];
    const scalars = Object.fromEntries(
      Object.keys(optimizer.scalars(1, 1)).map((key) => [key, input(g, `scalar/${key}`, "float32", [])]),
    );
    const outputs: Record<string, Value> = { loss: value };
    gradients(value, all).forEach((gradient, i) => {
      const parameter = all[i]!;
      const state = Object.fromEntries(
        optimizer.state.map((key) => [key, input(g, `${key}/${parameter.name}`, "float32", parameter.shape)]),
      );
      const next = optimizer.update({ parameter, gradient, state, scalars });
      outputs[`param.${parameter.name}`] = next.parameter;
      for (const key of optimizer.state) outputs[`${key}.${parameter.name}`] = next.state[key]!;
    });
    return outputs;
  };
  const sketch = graph();
  const first = feeds(0);
  const sketched = Object.fromEntries(
    Object.entries(first).map(([name, { dtype, shape }]) => [name, input(sketch, name, dtype, shape)]),
  );
  loss(sketch, sketched);
  const parameters = initialize(
    sketch.parameters.map(({ name, shape, dtype }) => ({
      name,
      shape,
      dtype,
      initializer:
        shape.length > 1 ? { kind: "normal", std: Math.sqrt(1 / shape[1]!) } : { kind: "constant", value: 0 },
    })),
    seed,
  );
  await using session = await openProgram(first, parameters, build);
  let trained: Record<string, Tensor> = Object.fromEntries(parameters);
  let state: Record<string, Tensor> = Object.fromEntries(
    names.flatMap((name) =>
      optimizer.state.map((key) => [`${key}/${name}`, tensor("float32", parameters.get(name)!.shape)] as const),
    ),
  );
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const here = rate * 0.5 * (1 + Math.cos((Math.PI * step) / steps));
    const scalars = Object.entries(optimizer.scalars(step + 1, here)).map(
      ([key, v]) => [`scalar/${key}`, scalar(v)] as const,
    );
    const found = await session.run({ ...feeds(step), ...trained, ...state, ...Object.fromEntries(scalars) });
    losses.push(Number(found["loss"]!.data[0]));
    trained = Object.fromEntries(names.map((name) => [name, found[`param.${name}`]!]));
    state = Object.fromEntries(
      names.flatMap((name) => optimizer.state.map((key) => [`${key}/${name}`, found[`${key}.${name}`]!] as const)),
    );
  }
  return { weights: new Map(Object.entries(trained)), losses };
}
