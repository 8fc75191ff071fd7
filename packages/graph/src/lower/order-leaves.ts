import type { Graph, Node } from "../graph.ts";

/**
 * Moves the nodes whose results only leave the graph to its end, those that need the most nodes first. onnxruntime orders
 * execution by a depth-first search from the last such node, so that it starts with the result that needs the least; of the
 * gradients of a network these are the last layer's, after which their activations can be freed. In the order of their
 * making the whole chain of gradients would run first, and every activation live to the end.
 */
export function orderLeaves(graph: Graph): void {
  const consumed = new Set<Node>();
  for (const node of graph.nodes)
    for (const x of node.inputs) {
      const producer = x && graph.producers.get(x);
      if (producer) consumed.add(producer);
    }
  const leaves = graph.nodes.filter((node) => !consumed.has(node));
  const needs = new Map(leaves.map((leaf) => [leaf, countAncestors(graph, leaf)]));
  const inner = graph.nodes.filter((node) => consumed.has(node));
  leaves.sort((a, b) => needs.get(b)! - needs.get(a)!);
  graph.nodes.splice(0, graph.nodes.length, ...inner, ...leaves);
}

function countAncestors(graph: Graph, leaf: Node): number {
  const found = new Set<Node>([leaf]);
  const open = [leaf];
  for (let node = open.pop(); node; node = open.pop())
    for (const x of node.inputs) {
      const producer = x && graph.producers.get(x);
      if (!producer || found.has(producer)) continue;
      found.add(producer);
      open.push(producer);
    }
  return found.size;
}
