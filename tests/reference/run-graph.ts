import { encodeModel, type Graph, graph, input, lower, output, type Tensor, type Value } from "@prosopon/graph";
import type { Host, Session } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";

let host: Promise<Host> | undefined;

export type Feed = Readonly<Record<string, Tensor>>;

/** Declares a graph input for every feed. */
export const inputsOf = (g: Graph, feeds: Feed): Readonly<Record<string, Value>> =>
  Object.fromEntries(Object.entries(feeds).map(([name, { dtype, shape }]) => [name, input(g, name, dtype, shape)]));

export type Build = (g: Graph, inputs: Readonly<Record<string, Value>>) => Readonly<Record<string, Value>>;

/** A graph over inputs of the feeds' shapes, its parameters filled from `weights`, ready to run in this process. */
export async function openProgram(feeds: Feed, weights: ReadonlyMap<string, Tensor>, build: Build): Promise<Session> {
  const g = graph();
  const named = build(g, inputsOf(g, feeds));
  for (const [name, value] of Object.entries(named)) output(g, name, value);
  const parameters = Object.fromEntries(
    g.parameters.map(({ name }) => {
      const found = weights.get(name);
      if (!found) throw new Error(`The weights hold no ${name}.`);
      return [name, found];
    }),
  );
  host ??= createHost({ kind: "in-process" });
  const model = encodeModel(lower(g), { parameters: "inputs" });
  return (await host).load({ model, parameters, bind: "inputs" });
}

/** The same, run once. `more` feeds inputs that `build` declares itself. */
export async function runGraph(
  feeds: Feed,
  weights: ReadonlyMap<string, Tensor>,
  build: Build,
  more: Feed = {},
): Promise<Record<string, Tensor>> {
  await using session = await openProgram(feeds, weights, build);
  return await session.run({ ...feeds, ...more });
}
