import { loweredAfter } from "../gradient/after.ts";
import { groupStatistics, normalizedGroups } from "../gradient/group-statistics.ts";
import type { Graph, Node, Value } from "../graph.ts";
import { integer } from "../infer/inference.ts";
import { sizeOf } from "../make-tensor.ts";
import { add, mul, sub } from "../ops/elementwise.ts";
import { reshape } from "../ops/movement.ts";
import { prune } from "../prune.ts";
import { fuseAttention } from "./fuse-attention.ts";
import { orderLeaves } from "./order-leaves.ts";
import { reshapeOnce } from "./reshape-once.ts";
import { rewrite } from "./rewrite.ts";

/** y = x·a + b with a = γ·r and b = β - m·a for each channel of each picture; where x is small, y = x̂·γ + β. */
function groupNormalization(node: Node, x: Value, gamma: Value, beta: Value): Value {
  const groups = integer(node.attributes["num_groups"], 1);
  const [n, c] = x.shape as [number, number];
  const epsilon = integer(node.attributes["epsilon"], 1e-5);
  const perChannel = (v: Value) => reshape(v, [c, ...x.shape.slice(2).map(() => 1)]);
  const normal = normalizedGroups(x, groups, epsilon)?.[0];
  if (normal) return add(mul(reshape(normal, x.shape), perChannel(gamma)), perChannel(beta));
  const { mean, scale } = groupStatistics(x, groups, epsilon);
  const perGroup = (v: Value) => reshape(v, [1, groups, c / groups]);
  const a = mul(perGroup(gamma), scale);
  const b = sub(perGroup(beta), mul(a, mean));
  const planes = reshape(x, [n, c, sizeOf(x.shape.slice(2))]);
  return reshape(add(mul(planes, reshape(a, [n, c, 1])), reshape(b, [n, c, 1])), x.shape);
}

/** Turns operators that the runtime lacks into ones that it has, in a good order: done before a graph is encoded. */
export function lower(graph: Graph): Graph {
  const fuse = fuseAttention(graph);
  const lowered = rewrite(graph, (node, inputs, target) => {
    if (node.domain === "prosopon" && node.op === "StopGradient") return [inputs[0]!];
    if (node.domain === "prosopon" && node.op === "After") return [loweredAfter(inputs[0]!, inputs[1]!)];
    if (node.domain === "" && node.op === "GroupNormalization")
      return [groupNormalization(node, inputs[0]!, inputs[1]!, inputs[2]!)];
    const fused = fuse(node, inputs, target);
    if (fused) return fused;
    return node.domain === "" && node.op === "Reshape" ? [reshapeOnce(inputs[0]!, node.outputs[0]!.shape)] : undefined;
  });
  prune(lowered);
  orderLeaves(lowered);
  return lowered;
}
