import { ProsoponError } from "@prosopon/errors";
import type { Node, Value } from "../graph.ts";
import { within } from "../graph.ts";
import { add } from "../ops/elementwise.ts";
import { type NodeView, type Recompute, recomputing } from "./recompute.ts";
import { rules } from "./rules.ts";
import { filled } from "./unbroadcast.ts";

export interface GradientsOptions {
  /** Gradient of the loss itself, in its shape; the default is ones. */
  readonly seed?: Value;
  /**
   * Saves memory for time: the nodes under a path for which this gives a name are computed again, region by region, when the
   * gradient gets there; for example `(path) => /^unet\/\w+_blocks\.\d+/.exec(path)?.[0]`.
   */
  readonly recompute?: Recompute;
}

const isFloat = (value: Value): boolean => value.dtype.startsWith("float");

/** Name of an operator in the tables of rules and inferences. */
export const operatorName = (node: Node): string => (node.domain ? `${node.domain}.${node.op}` : node.op);

/** The nodes that a value is computed from, in topological order. */
function ancestors(value: Value): readonly Node[] {
  const found = new Set<Node>();
  const open = [value];
  for (let next = open.pop(); next; next = open.pop()) {
    const node = next.graph.producers.get(next);
    if (!node || found.has(node)) continue;
    found.add(node);
    for (const x of node.inputs) if (x) open.push(x);
  }
  return value.graph.nodes.filter((node) => found.has(node));
}

/**
 * Extends the graph of `loss` by its gradients with respect to `wrt`, by reverse accumulation; each has the shape of its
 * value, and is zero where the loss does not depend on it. A loss that is not a scalar counts as the sum of its elements.
 * @throws `bad-graph` for an operator on the way that has no gradient rule, naming it and where it stands.
 */
export function gradients(loss: Value, wrt: readonly Value[], options: GradientsOptions = {}): readonly Value[] {
  const { graph } = loss;
  const bad = [...wrt, loss, ...(options.seed ? [options.seed] : [])].find((v) => v.graph !== graph || !isFloat(v));
  if (bad)
    throw new ProsoponError(
      "bad-graph",
      `"${bad.name}" (${bad.dtype}) cannot take part in gradients of "${loss.name}".`,
      {
        values: { name: bad.name, dtype: bad.dtype },
        mend: "All values must be floating-point numbers of the same graph.",
      },
    );
  if (options.seed && `${options.seed.shape}` !== `${loss.shape}`)
    throw new ProsoponError("bad-graph", `The seed [${options.seed.shape}] does not fit the loss [${loss.shape}].`);
  const nodes = ancestors(loss);
  const leading = new Set<Value>(wrt);
  for (const node of nodes)
    if (rules.get(operatorName(node)) !== "none" && node.inputs.some((x) => x && leading.has(x)))
      for (const y of node.outputs) if (isFloat(y)) leading.add(y);
  const view = options.recompute && recomputing(nodes, options.recompute);
  const sums = new Map<Value, Value>();
  if (leading.has(loss)) sums.set(loss, options.seed ?? filled(graph, loss.dtype, loss.shape, 1));
  for (const node of nodes.toReversed()) {
    const needs = node.inputs.map((x) => x !== undefined && leading.has(x));
    const given = node.outputs.map((y) => (leading.has(y) ? sums.get(y) : undefined));
    const arrived = given.find((g) => g !== undefined);
    if (!needs.includes(true) || !arrived) continue;
    const parts = differentiate(node, view ? view(node, arrived) : node, given, needs);
    for (const [i, part] of parts.entries()) {
      const x = node.inputs[i]!;
      if (!needs[i] || !part) continue;
      if (`${part.shape}` !== `${x.shape}`)
        throw new ProsoponError(
          "internal",
          `The gradient of input ${i} of ${operatorName(node)} is [${part.shape}], not [${x.shape}].`,
        );
      const sum = sums.get(x);
      sums.set(x, sum ? add(sum, part) : part);
    }
  }
  return wrt.map((value) => sums.get(value) ?? filled(graph, value.dtype, value.shape, 0));
}

function differentiate(
  node: Node,
  { inputs, outputs }: NodeView,
  given: readonly (Value | undefined)[],
  needs: readonly boolean[],
): readonly (Value | undefined)[] {
  const name = operatorName(node);
  const rule = rules.get(name);
  const place = node.path || "the top of the graph";
  if (!rule)
    throw new ProsoponError("bad-graph", `No gradient rule is known for ${name} at ${place}.`, {
      values: { op: name, path: node.path },
      mend: "Use operators of the table, or stopGradient where no gradient is wanted.",
    });
  if (rule === "none") return [];
  return within(outputs[0]!.graph, node.path ? `gradient/${node.path}` : "gradient", () =>
    rule({ node, inputs, outputs, gradients: given, needs }),
  );
}
