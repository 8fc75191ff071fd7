import { apply1 } from "../apply.ts";
import type { Graph, Node, Value } from "../graph.ts";
import { liveNodes } from "../live-nodes.ts";
import { reshape } from "../ops/movement.ts";
import { reshapeOnce } from "./reshape-once.ts";
import type { Rewrite } from "./rewrite.ts";

/** softmax(alpha · q kᵀ) v of every head, as `attention` of nn builds it. */
interface Attention {
  /** Queries [B, L, heads, d], keys [B, S, heads, d] and values [B, S, heads, e]. */
  readonly parts: readonly Value[];
  readonly alpha: number;
  readonly scores: Value;
  readonly weights: Value;
}

/** Below so many scores of a head the fused kernel is no faster: 64 places took it 0.20 ms for 0.14, 256 places 0.66 for 0.86. */
const worthFusing = 128 * 128;

const made = (value: Value | undefined, op: string): Node | undefined => {
  const node = value?.graph.producers.get(value);
  return node?.op === op ? node : undefined;
};

/** The value whose axes 1 and 2 are swapped here. */
const swapped = (value: Value | undefined): Value | undefined => {
  const node = made(value, "Transpose");
  return `${node?.attributes["perm"]}` === "0,2,1,3" ? node!.inputs[0] : undefined;
};

/** From [B · heads, L, d] back to [B, L, heads, d]. */
function headsApart(split: Value | undefined, heads: number): Value | undefined {
  const apart = swapped(made(split, "Reshape")?.inputs[0]);
  if (!apart) return undefined;
  const [batch, length, , width] = apart.shape as [number, number, number, number];
  return apart.shape[2] === heads && `${split!.shape}` === `${[batch * heads, length, width]}` ? apart : undefined;
}

/** What `merged` [B, L, heads, e] is attention of, if it is. */
function attentionOf(merged: Value): Attention | undefined {
  const product = made(made(swapped(merged), "Reshape")?.inputs[0], "MatMul");
  const weights = product?.inputs[0];
  const softmax = made(weights, "Softmax");
  const scores = softmax?.inputs[0];
  const factors = made(scores, "FusedMatMul");
  if (!weights || !scores || !factors || factors.attributes["transA"] !== 0 || factors.attributes["transB"] !== 1)
    return undefined;
  const axis = softmax!.attributes["axis"] ?? -1;
  const [, length, width] = scores.shape as [number, number, number];
  if ((axis !== -1 && axis !== 2) || scores.dtype !== "float32" || length * width < worthFusing) return undefined;
  const [batch, , heads, depth] = merged.shape as [number, number, number, number];
  if (`${product!.outputs[0]!.shape}` !== `${[batch * heads, length, depth]}`) return undefined;
  const parts = [factors.inputs[0], factors.inputs[1], product!.inputs[1]].map((part) => headsApart(part, heads));
  if (!parts.every((part) => part !== undefined)) return undefined;
  return { parts, alpha: factors.attributes["alpha"] as number, scores, weights };
}

/**
 * Attention whose weights nothing else looks at, a gradient above all, becomes one node: the runtime's kernel goes over queries and keys in blocks
 * and never holds all scores (Dao et al. 2022, FlashAttention).
 */
export function fuseAttention(source: Graph): Rewrite {
  const uses = new Map<Value, number>();
  const use = (value: Value | undefined) => value && uses.set(value, (uses.get(value) ?? 0) + 1);
  for (const node of liveNodes(source)) node.inputs.forEach(use);
  for (const value of source.outputs.values()) use(value);
  return (node, inputs, target) => {
    if (node.op !== "Reshape" || !node.inputs[0]) return undefined;
    const found = attentionOf(node.inputs[0]);
    const here = found && attentionOf(inputs[0]!);
    if (!here || uses.get(found.scores) !== 1 || uses.get(found.weights) !== 1) return undefined;
    const attributes = { num_heads: node.inputs[0].shape[2]!, scale: here.alpha };
    const parts = here.parts.map((part) => reshapeOnce(part, [...part.shape.slice(0, 2), -1]));
    const result = apply1(target, "MultiHeadAttention", parts, attributes, { domain: "com.microsoft" });
    return [reshape(result, node.outputs[0]!.shape)];
  };
}
