import { isProsoponError, ProsoponError } from "@prosopon/errors";
import { constant, constantTensor, tensorKey } from "./constant.ts";
import { fold } from "./fold.ts";
import type { Attribute, Attributes, Graph, Node, Value } from "./graph.ts";
import type { Inferred } from "./infer/inference.ts";
import { inferences } from "./infer/inferences.ts";
import type { Tensor } from "./tensor.ts";

export interface ApplyOptions {
  readonly domain?: string;
  /** Number of outputs to make; the default is what inference says. */
  readonly outputs?: number;
  /** Makes a node even where an equal one exists (recomputation needs a second copy). */
  readonly fresh?: boolean;
}

const isTensor = (a: Attribute): a is Tensor => typeof a === "object" && "dtype" in a;
const attributeKey = (a: Attribute): string => (isTensor(a) ? tensorKey(a) : JSON.stringify(a));

const describe = (inputs: readonly (Value | undefined)[]): string =>
  inputs.map((v) => (v ? `${v.name}: ${v.dtype}[${v.shape}]` : "none")).join(", ");

/**
 * Applies an operator: infers its outputs, folds it if everything it needs is a small constant, reuses an equal node.
 * @throws `bad-graph` naming the operator, where it stands and its inputs, when it cannot be inferred.
 */
export function apply(
  graph: Graph,
  op: string,
  inputs: readonly (Value | undefined)[],
  attributes: Attributes = {},
  options: ApplyOptions = {},
): readonly Value[] {
  const domain = options.domain ?? "";
  const path = graph.path.join("/");
  const where = `${op} at ${path || "the top of the graph"} (${describe(inputs)})`;
  const foreign = inputs.find((v) => v && v.graph !== graph);
  if (foreign) throw new ProsoponError("bad-graph", `${where}: the input "${foreign.name}" belongs to another graph.`);
  const key = `${domain}.${op}(${inputs.map((v) => v?.name ?? "").join(",")})${Object.keys(attributes)
    .sort()
    .map((k) => `${k}=${attributeKey(attributes[k]!)}`)
    .join(";")}/${options.outputs ?? ""}`;
  if (!options.fresh) {
    const known = graph.memory.get(key);
    if (known) return known;
  }
  const infer = inferences.get(domain ? `${domain}.${op}` : op);
  if (!infer)
    throw new ProsoponError("bad-graph", `${where}: no shape inference is known for this operator.`, {
      values: { op, domain, path },
    });
  let inferred: readonly Inferred[];
  try {
    inferred = infer({ inputs, attributes, constants: inputs.map(constantTensor), outputs: options.outputs });
  } catch (cause) {
    if (!isProsoponError(cause)) throw cause;
    throw new ProsoponError("bad-graph", `${where}: ${cause.message}`, {
      values: { op, domain, path, ...cause.values },
      cause,
    });
  }
  const impossible = inferred.find(({ shape }) => !shape.every((d) => Number.isSafeInteger(d) && d >= 0));
  if (impossible)
    throw new ProsoponError("bad-graph", `${where}: its output would have the shape [${impossible.shape}].`, {
      values: { op, domain, path, shape: impossible.shape },
    });
  const folded = options.fresh ? undefined : fold(op, domain, inputs, attributes, inferred);
  if (folded) {
    const values = folded.map((t) => constant(graph, t));
    graph.memory.set(key, values);
    return values;
  }
  const outputs = inferred.map(({ dtype, shape }, i): Value => {
    let name = `${op.toLowerCase()}${graph.nodes.length}${inferred.length > 1 ? `.${i}` : ""}`;
    while (graph.taken.has(name)) name += "_";
    graph.taken.add(name);
    return { graph, name, dtype, shape };
  });
  const node: Node = { op, domain, path, inputs, outputs, attributes };
  graph.nodes.push(node);
  for (const value of outputs) graph.producers.set(value, node);
  if (!options.fresh) graph.memory.set(key, outputs);
  return outputs;
}

/** The same for an operator with one output. */
export const apply1 = (
  graph: Graph,
  op: string,
  inputs: readonly (Value | undefined)[],
  attributes?: Attributes,
  options?: ApplyOptions,
): Value => apply(graph, op, inputs, attributes, options)[0]!;
