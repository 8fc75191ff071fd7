import { graph, output, type Tensor, type Value } from "@prosopon/graph";
import { initialize, type Scope, scope } from "@prosopon/nn";
import { openGraph } from "../graph/open-graph.ts";

export interface Evaluation {
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  readonly parameters: ReadonlyMap<string, Tensor>;
}

/** Builds named values with modules, draws the parameters (or takes those given), and computes. */
export async function evaluate(
  build: (scope: Scope) => Readonly<Record<string, Value>>,
  feeds: Readonly<Record<string, Tensor>> = {},
  given: ReadonlyMap<string, Tensor> = new Map(),
): Promise<Evaluation> {
  const g = graph();
  const top = scope(g);
  for (const [name, value] of Object.entries(build(top))) output(g, name, value);
  const parameters = new Map([...initialize(top.parameters.values(), 11), ...given]);
  const used = [...parameters].filter(([name]) => top.parameters.has(name));
  const results = await (await openGraph(g))({ ...feeds, ...Object.fromEntries(used) });
  return {
    outputs: Object.fromEntries(
      Object.entries(results).map(([name, { data }]) => [name, Array.from(data as ArrayLike<number | bigint>, Number)]),
    ),
    parameters,
  };
}

/** Largest absolute difference. */
export const distance = (a: readonly number[], b: readonly number[]): number =>
  a.length === b.length ? Math.max(0, ...a.map((v, i) => Math.abs(v - b[i]!))) : Number.POSITIVE_INFINITY;
