import type { Graph, Node } from "./graph.ts";
import { integer } from "./infer/inference.ts";
import { liveNodes } from "./live-nodes.ts";
import { sizeOf } from "./make-tensor.ts";

export interface OperationCount {
  /** Floating-point operations of one run: a multiplication with its addition counts as two. */
  readonly total: number;
  /** The same for each operator, and how many nodes it has, largest first. */
  readonly operators: ReadonlyMap<string, { readonly nodes: number; readonly flops: number }>;
  /** Elements of all parameters. */
  readonly parameters: number;
  /** Elements of all constants that are used: the weights of a decoded model. */
  readonly constants: number;
}

const outputSize = ({ outputs }: Node): number => outputs.reduce((sum, v) => sum + sizeOf(v.shape), 0);
const inputSize = ({ inputs }: Node, i: number): number => sizeOf(inputs[i]?.shape ?? [0]);

const product =
  (turn: string) =>
  (n: Node): number => {
    const shape = n.inputs[0]?.shape ?? [];
    return 2 * outputSize(n) * (shape.at(integer(n.attributes[turn], 0) === 1 ? -2 : -1) ?? 1);
  };

const perElement = (flops: number) => (n: Node) => flops * sizeOf(n.outputs[0]?.shape ?? []);

/** The weights of all gates and directions are used once in each step. */
const recurrent = (n: Node): number => {
  const [steps = 0, batch = 0] = n.inputs[0]?.shape ?? [];
  return 2 * steps * batch * (inputSize(n, 1) + inputSize(n, 2));
};

const nothing =
  "Reshape Transpose Flatten Squeeze Unsqueeze Concat Split Slice Pad Gather GatherElements GatherND ScatterElements ScatterND Expand Tile DepthToSpace SpaceToDepth Shape Size ConstantOfShape Range Trilu OneHot Identity Cast TopK Dropout StopGradient";

const rules = new Map<string, (n: Node) => number>([
  ["Conv", (n) => 2 * outputSize(n) * sizeOf(n.inputs[1]?.shape.slice(1) ?? [])],
  ["ConvTranspose", (n) => 2 * inputSize(n, 0) * sizeOf(n.inputs[1]?.shape.slice(1) ?? [])],
  ["MatMul", product("")],
  ["FusedMatMul", product("transA")],
  ["Gemm", product("transA")],
  ...["LSTM", "GRU", "RNN"].map((op) => [op, recurrent] as const),
  // Few operations for each element; the number only has to be in proportion to convolutions.
  ...["Softmax", "LogSoftmax"].map((op) => [op, perElement(5)] as const),
  ...["GroupNormalization", "LayerNormalization", "InstanceNormalization"].map((op) => [op, perElement(8)] as const),
  ["BatchNormalization", perElement(2)],
  ...nothing.split(" ").map((op) => [op, () => 0] as const),
]);

function flopsOf(node: Node): number {
  const rule = rules.get(node.op);
  if (rule) return rule(node);
  // A reduction or pooling touches every input element, an elementwise operator makes every output element.
  return /^(Reduce|Arg)|Pool/.test(node.op) ? inputSize(node, 0) : outputSize(node);
}

/** What one run of the graph costs and how large it is; nodes that no output needs do not count. */
export function countOperations(graph: Graph): OperationCount {
  const operators = new Map<string, { nodes: number; flops: number }>();
  const live = liveNodes(graph);
  for (const node of live) {
    const name = node.domain ? `${node.domain}.${node.op}` : node.op;
    const { nodes, flops } = operators.get(name) ?? { nodes: 0, flops: 0 };
    operators.set(name, { nodes: nodes + 1, flops: flops + flopsOf(node) });
  }
  const used = new Set(live.flatMap((n) => n.inputs));
  return {
    total: [...operators.values()].reduce((sum, { flops }) => sum + flops, 0),
    operators: new Map([...operators].sort(([, a], [, b]) => b.flops - a.flops)),
    parameters: graph.parameters.reduce((sum, v) => sum + sizeOf(v.shape), 0),
    constants: Array.from(graph.constants.keys(), (v) => (used.has(v) ? sizeOf(v.shape) : 0)).reduce(
      (a, b) => a + b,
      0,
    ),
  };
}
