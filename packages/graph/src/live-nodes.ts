import type { Graph, Node, Value } from "./graph.ts";

/** The nodes from which an output can be reached, in topological order. */
export function liveNodes(graph: Graph): readonly Node[] {
  const needed = new Set<Value>(graph.outputs.values());
  const live: Node[] = [];
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    if (!node.outputs.some((v) => needed.has(v))) continue;
    live.push(node);
    for (const value of node.inputs) if (value) needed.add(value);
  }
  return live.reverse();
}
