import { bytesPerElement, type Graph, type Node, sizeOf, type Value } from "@prosopon/graph";

/** Execution order of onnxruntime: a depth-first search from the last node without consumers, later inputs first. */
export function executionOrder(graph: Graph): readonly Node[] {
  const place = new Map(graph.nodes.map((node, i) => [node, i]));
  const producersOf = (node: Node) =>
    [...new Set(node.inputs.map((x) => x && graph.producers.get(x)))].filter((p) => p !== undefined);
  const consumed = new Set(graph.nodes.flatMap(producersOf));
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: (readonly [Node, boolean])[] = graph.nodes.filter((n) => !consumed.has(n)).map((n) => [n, false]);
  for (let entry = stack.pop(); entry; entry = stack.pop()) {
    const [node, leaving] = entry;
    if (leaving) order.push(node);
    else if (!seen.has(node)) {
      seen.add(node);
      stack.push([node, true]);
      const inputs = producersOf(node).sort((a, b) => place.get(a)! - place.get(b)!);
      for (const p of inputs) if (!seen.has(p)) stack.push([p, false]);
    }
  }
  return order;
}

/** Most bytes of intermediate values alive at once when the nodes run in that order; reshapes take no memory of their own. */
export function peakBytes(graph: Graph): number {
  const owner = new Map<Value, Value>();
  const ownerOf = (value: Value) => owner.get(value) ?? value;
  const order = executionOrder(graph);
  const last = new Map<Value, number>();
  order.forEach((node, i) => {
    for (const x of node.inputs) if (x) last.set(ownerOf(x), i);
    if (node.op === "Reshape") owner.set(node.outputs[0]!, ownerOf(node.inputs[0]!));
    for (const y of node.outputs) last.set(ownerOf(y), i);
  });
  for (const y of graph.outputs.values()) last.set(ownerOf(y), order.length);
  const ends = new Map<number, Value[]>();
  for (const [value, i] of last) ends.set(i, [...(ends.get(i) ?? []), value]);
  const bytes = (v: Value) => (graph.producers.has(v) ? sizeOf(v.shape) * bytesPerElement[v.dtype] : 0);
  let alive = 0;
  let peak = 0;
  order.forEach((node, i) => {
    if (node.op !== "Reshape") for (const y of node.outputs) alive += bytes(y);
    peak = Math.max(peak, alive);
    for (const value of ends.get(i) ?? []) alive -= bytes(value);
  });
  return peak;
}
