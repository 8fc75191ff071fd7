import { apply } from "../apply.ts";
import { type Node, type Value, within } from "../graph.ts";
import { after } from "./after.ts";

/** Names the region that the nodes under a path belong to, or undefined for nodes whose values are kept. */
export type Recompute = (path: string) => string | undefined;

/** A node as the reverse walk sees it. */
export type NodeView = Pick<Node, "inputs" | "outputs">;

/**
 * Rematerialisation (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"): where the reverse walk enters a
 * region, its nodes are built a second time from the values that enter the region, and the walk sees the copies, so that the
 * runtime can free the originals. The copies wait for the gradient that arrives; otherwise they would run, and live, too early.
 */
export function recomputing(nodes: readonly Node[], region: Recompute): (node: Node, arrived: Value) => NodeView {
  const members = new Map<string, Node[]>();
  for (const node of nodes) {
    const name = region(node.path);
    if (name === undefined) continue;
    const list = members.get(name);
    if (list) list.push(node);
    else members.set(name, [node]);
  }
  const built = new Map<string, ReadonlyMap<Value, Value>>();
  return (node, arrived) => {
    const name = region(node.path);
    if (name === undefined) return node;
    const copies = built.get(name) ?? copied(members.get(name)!, arrived);
    built.set(name, copies);
    const moved = (value: Value) => copies.get(value) ?? value;
    return { inputs: node.inputs.map((x) => x && moved(x)), outputs: node.outputs.map(moved) };
  };
}

function copied(nodes: readonly Node[], arrived: Value): ReadonlyMap<Value, Value> {
  const { graph } = arrived;
  const inside = new Set(nodes);
  const lasting = new Set([...graph.parameters, ...graph.constants.keys()]);
  const copies = new Map<Value, Value>();
  const copyOf = (x: Value): Value => {
    const known = copies.get(x);
    if (known) return known;
    const producer = graph.producers.get(x);
    // Parameters and constants live anyway, and whole numbers are few: they need not wait.
    if (lasting.has(x) || !x.dtype.startsWith("float") || (producer && inside.has(producer))) return x;
    const waiting = after(x, arrived);
    copies.set(x, waiting);
    return waiting;
  };
  for (const node of nodes)
    within(graph, `recompute/${node.path}`, () => {
      const inputs = node.inputs.map((x) => x && copyOf(x));
      if (inputs.every((x, i) => x === node.inputs[i])) return;
      const { length } = node.outputs;
      const outputs = apply(graph, node.op, inputs, node.attributes, {
        domain: node.domain,
        ...(length > 1 ? { outputs: length } : {}),
      });
      node.outputs.forEach((y, i) => {
        copies.set(y, outputs[i]!);
      });
    });
  return copies;
}
