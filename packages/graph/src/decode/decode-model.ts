import { isProsoponError, ProsoponError } from "@prosopon/errors";
import { constant } from "../constant.ts";
import { type Graph, input, graph as newGraph, output, parameter } from "../graph.ts";
import { type GraphMessage, type ModelMessage, modelMessage, type TensorMessage } from "../protobuf/messages.ts";
import { prune } from "../prune.ts";
import type { Tensor } from "../tensor.ts";
import { type BindOptions, bindShapes } from "./bind-shape.ts";
import { readNodes } from "./read-nodes.ts";
import { dtypeOf, type ExternalData, readTensor, toNumber } from "./read-tensor.ts";
import type { Scope } from "./scope.ts";

export interface DecodeOptions extends BindOptions {
  /** Inputs that get a value for good, such as a sampling rate; they are no inputs of the graph any more. */
  readonly fixed?: Readonly<Record<string, Tensor>>;
  /**
   * `"constants"` (default) keeps weights inside; `"parameters"` declares every float32 initializer that has dimensions as a
   * parameter (their tensors: `decodeWeights`), except running statistics of batch normalisation and numbers that shapes need.
   */
  readonly weights?: "constants" | "parameters";
  /** Gives data that lie outside the model; `readModel` of the `/node` entry does so from a folder. */
  readonly external?: ExternalData;
}

const oldest = 7;
const newest = 21;

function parse(bytes: Uint8Array): { readonly graph: GraphMessage; readonly opset: number } {
  const model = modelMessage.decode(bytes) as ModelMessage;
  if (!model.graph) throw new ProsoponError("bad-file", "The bytes hold no ONNX graph.");
  if (model.functions?.length)
    throw new ProsoponError("bad-file", "The model defines functions of its own.", { mend: "Inline them first." });
  if (model.graph.sparse_initializer?.length)
    throw new ProsoponError("bad-file", "The model holds sparse weights, which are not supported.");
  const standard = (model.opset_import ?? []).find((o) => !o.domain || o.domain === "ai.onnx");
  const opset = toNumber(standard?.version);
  if (opset < oldest || opset > newest)
    throw new ProsoponError("bad-file", `The model uses ONNX operator set ${opset}.`, {
      values: { opset },
      mend: `Operator sets ${oldest} to ${newest} can be read; convert it.`,
    });
  return { graph: model.graph, opset };
}

function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (isProsoponError(cause) && cause.code !== "bad-graph") throw cause;
    throw new ProsoponError(
      "bad-file",
      `The bytes are not a readable ONNX model: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/** Names of the initializers that an operator needs as numbers, or that are statistics and not weights. */
function notTrained(message: GraphMessage): ReadonlySet<string> {
  const statistics = new Set<string>();
  for (const node of message.node ?? [])
    (node.input ?? []).forEach((name, i) => {
      if (
        node.op_type === "BatchNormalization"
          ? i >= 3
          : /^(Resize|Upsample|Pad|Clip|Range|Dropout)$/.test(node.op_type ?? "") && i >= 1
      )
        statistics.add(name);
    });
  return statistics;
}

const trainable = (t: TensorMessage, excluded: ReadonlySet<string>): boolean =>
  t.data_type === 1 && (t.dims?.length ?? 0) > 0 && !excluded.has(t.name ?? "");

/**
 * The graph in an ONNX model of operator set 7 to 21, rebuilt in the form of set 21 with concrete shapes. Dropout and dead
 * nodes are left out, computations on shapes are folded, an `If` that then has a constant condition becomes its branch.
 * @throws `bad-file` for anything that cannot be read, naming the node; `bad-input` for dimensions that stay free.
 */
export function decodeModel(bytes: Uint8Array, options: DecodeOptions = {}): Graph {
  return guarded(() => {
    const { graph: message, opset } = parse(bytes);
    const { fixed = {}, weights = "constants", external } = options;
    const made = newGraph({ name: message.name || "graph" });
    const scope: Scope = { names: new Map(), outer: undefined };
    const initialized = new Set((message.initializer ?? []).map((t) => t.name ?? ""));
    const declared = (message.input ?? []).filter((info) => !initialized.has(info.name ?? ""));
    for (const name of Object.keys(fixed))
      if (!declared.some((info) => info.name === name))
        throw new ProsoponError("bad-input", `The model has no input "${name}" to fix.`, { values: { name } });
    const free = declared.filter((info) => !Object.hasOwn(fixed, info.name ?? ""));
    const shapes = bindShapes(free, options);
    for (const info of declared) {
      const name = info.name ?? "";
      const dtype = dtypeOf(info.type?.tensor_type?.elem_type, `The input "${name}"`);
      const value = Object.hasOwn(fixed, name) ? fixed[name] : undefined;
      if (value && value.dtype !== dtype)
        throw new ProsoponError("bad-input", `The input "${name}" is ${dtype}, not ${value.dtype}.`);
      scope.names.set(name, value ? constant(made, value) : input(made, name, dtype, shapes.get(name)!));
    }
    if (weights === "parameters") {
      const excluded = notTrained(message);
      for (const t of message.initializer ?? [])
        if (trainable(t, excluded))
          scope.names.set(t.name ?? "", parameter(made, t.name ?? "", (t.dims ?? []).map(toNumber)));
    }
    readNodes(made, message, scope, { opset, external });
    for (const info of message.output ?? []) {
      const value = scope.names.get(info.name ?? "");
      if (!value) throw new ProsoponError("bad-file", `The output "${info.name}" is not computed.`);
      output(made, info.name ?? "", value);
    }
    prune(made);
    return made;
  });
}

/** The tensors behind the parameters that `decodeModel` makes with `weights: "parameters"`, by name. */
export function decodeWeights(
  bytes: Uint8Array,
  options: Pick<DecodeOptions, "external"> = {},
): ReadonlyMap<string, Tensor> {
  return guarded(() => {
    const { graph: message } = parse(bytes);
    const excluded = notTrained(message);
    return new Map(
      (message.initializer ?? [])
        .filter((t) => trainable(t, excluded))
        .map((t) => [t.name ?? "", readTensor(t, `The initializer "${t.name}"`, options.external)]),
    );
  });
}
