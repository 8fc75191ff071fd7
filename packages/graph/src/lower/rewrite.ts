import { apply } from "../apply.ts";
import { constant } from "../constant.ts";
import { type Graph, graph, input, type Node, output, parameter, type Value } from "../graph.ts";
import { liveNodes } from "../live-nodes.ts";

/** Gives the values that stand for a node's outputs in the new graph, or undefined to copy the node as it is. */
export type Rewrite = (
  node: Node,
  inputs: readonly (Value | undefined)[],
  target: Graph,
) => readonly Value[] | undefined;

/**
 * Builds a graph anew, node by node. Inputs, parameters and outputs keep their names and order, even if unused; nodes that
 * lead to no output vanish, and nodes that turn out equal are built once.
 */
export function rewrite(source: Graph, change: Rewrite): Graph {
  const target = graph({ name: source.name });
  const values = new Map<Value, Value>();
  for (const x of source.inputs) values.set(x, input(target, x.name, x.dtype, x.shape));
  for (const p of source.parameters) values.set(p, parameter(target, p.name, p.shape, p.dtype));
  const moved = (value: Value): Value => {
    const known = values.get(value);
    if (known) return known;
    const made = constant(target, source.constants.get(value)!);
    values.set(value, made);
    return made;
  };
  for (const node of liveNodes(source)) {
    const inputs = node.inputs.map((x) => x && moved(x));
    target.path.splice(0, target.path.length, node.path);
    const { length } = node.outputs;
    const outputs =
      change(node, inputs, target) ??
      apply(target, node.op, inputs, node.attributes, {
        domain: node.domain,
        ...(length > 1 ? { outputs: length } : {}),
      });
    node.outputs.forEach((y, i) => {
      values.set(y, outputs[i]!);
    });
  }
  target.path.length = 0;
  for (const [name, value] of source.outputs) output(target, name, moved(value));
  return target;
}
