import type { Graph, Value } from "./graph.ts";
import { liveNodes } from "./live-nodes.ts";

/**
 * Removes the nodes and constants that no output needs, in place; inputs and parameters stay. Values of removed nodes must not
 * be used any more. Returns how many nodes went.
 */
export function prune(graph: Graph): number {
  const live = liveNodes(graph);
  const removed = graph.nodes.length - live.length;
  const needed = new Set<Value>([...graph.inputs, ...graph.parameters, ...graph.outputs.values()]);
  for (const node of live) for (const v of [...node.inputs, ...node.outputs]) if (v) needed.add(v);
  graph.nodes.splice(0, graph.nodes.length, ...live);
  for (const v of graph.producers.keys()) if (!needed.has(v)) graph.producers.delete(v);
  for (const v of graph.constants.keys()) if (!needed.has(v)) graph.constants.delete(v);
  for (const [key, values] of graph.memory) if (!values.every((v) => needed.has(v))) graph.memory.delete(key);
  return removed;
}
