import { ProsoponError } from "@prosopon/errors";
import type { Graph, Node, Value } from "../graph.ts";
import { onnxTypes } from "../infer/elementwise.ts";
import { liveNodes } from "../live-nodes.ts";
import { lower } from "../lower/lower.ts";
import {
  type ModelMessage,
  modelMessage,
  type NodeMessage,
  type TensorMessage,
  type ValueInfoMessage,
} from "../protobuf/messages.ts";
import type { Tensor } from "../tensor.ts";
import { attributeMessage } from "./attribute-message.ts";
import { tensorMessage } from "./tensor-message.ts";

export interface EncodeOptions {
  /**
   * Where parameters go: `"inputs"` (default) lists them after the graph's inputs; `"initializers"` leaves them out, so that
   * whoever holds the weights appends them as initializers; a map bakes its tensors in.
   */
  readonly parameters?: "inputs" | "initializers" | ReadonlyMap<string, Tensor>;
  /** Name of the program that makes the file; default "prosopon". */
  readonly producer?: string;
}

/** Protobuf cannot hold more. */
const mostBytes = 2 ** 31 - 1;

const valueInfo = (name: string, { dtype, shape }: Value): ValueInfoMessage => ({
  name,
  type: { tensor_type: { elem_type: onnxTypes[dtype], shape: { dim: shape.map((d) => ({ dim_value: d })) } } },
});

/** Names for the values in a file, given in the order of its nodes; an output's name goes to the value itself where it can. */
function namesOf(graph: Graph, live: readonly Node[], constants: readonly Value[]): ReadonlyMap<Value, string> {
  const fixed = [...graph.inputs, ...graph.parameters];
  for (const { name } of fixed)
    if (graph.outputs.has(name))
      throw new ProsoponError("bad-graph", `The output "${name}" has the name of an input or parameter.`, {
        values: { name },
        mend: "Give it another name.",
      });
  const names = new Map<Value, string>(fixed.map((v) => [v, v.name]));
  for (const [name, value] of graph.outputs)
    if (graph.producers.has(value) && !names.has(value)) names.set(value, name);
  const taken = new Set([...names.values(), ...graph.outputs.keys()]);
  const give = (value: Value, wish: string) => {
    if (names.has(value)) return;
    let name = wish;
    while (taken.has(name)) name += "_";
    taken.add(name);
    names.set(value, name);
  };
  constants.forEach((v, i) => {
    give(v, `c${i}`);
  });
  live.forEach(({ op, outputs }, i) => {
    outputs.forEach((v, k) => {
      give(v, `${op.toLowerCase()}${i}${outputs.length > 1 ? `.${k}` : ""}`);
    });
  });
  return names;
}

function baked(graph: Graph, given: ReadonlyMap<string, Tensor>): readonly TensorMessage[] {
  return graph.parameters.map(({ name, dtype, shape }) => {
    const found = given.get(name);
    if (!found)
      throw new ProsoponError("not-found", `No tensor is given for the parameter "${name}".`, { values: { name } });
    if (found.dtype !== dtype || `${found.shape}` !== `${shape}`)
      throw new ProsoponError(
        "bad-input",
        `The tensor for "${name}" is ${found.dtype}[${found.shape}], the parameter ${dtype}[${shape}].`,
        { values: { name, given: found.shape, expected: shape } },
      );
    return tensorMessage(found, name);
  });
}

/**
 * The graph as an ONNX model: IR version 10, opset 21. Operators that runtimes lack are lowered first, nodes that no output
 * needs are left out, constants become initializers. The same graph gives the same bytes.
 * @throws `bad-graph` without outputs, `not-found` or `bad-input` for tensors that do not fit, `bad-input` above 2 GB.
 */
export function encodeModel(source: Graph, options: EncodeOptions = {}): Uint8Array {
  const { parameters = "inputs", producer = "prosopon" } = options;
  if (source.outputs.size === 0)
    throw new ProsoponError("bad-graph", `The graph "${source.name}" has no outputs.`, {
      mend: "Name at least one value with output(graph, name, value).",
    });
  const graph = lower(source);
  const live = liveNodes(graph);
  const used = new Set([...live.flatMap((n) => n.inputs), ...graph.outputs.values()]);
  const constants = [...used].filter((v): v is Value => v !== undefined && graph.constants.has(v));
  const names = namesOf(graph, live, constants);

  const nodes = live.map((node): NodeMessage => {
    const output = node.outputs.map((v) => names.get(v)!);
    const given = node.inputs.findLastIndex((v) => v !== undefined) + 1;
    return {
      input: node.inputs.slice(0, given).map((v) => (v ? names.get(v)! : "")),
      output,
      name: node.path ? `${node.path}/${output[0]}` : output[0]!,
      op_type: node.op,
      attribute: Object.keys(node.attributes)
        .sort()
        .map((name) => attributeMessage(name, node.attributes[name]!)),
      domain: node.domain,
    };
  });
  for (const [name, value] of graph.outputs)
    if (names.get(value) !== name)
      nodes.push({ input: [names.get(value)!], output: [name], name: `output/${name}`, op_type: "Identity" });

  const initializer = [
    ...constants.map((v) => tensorMessage(graph.constants.get(v)!, names.get(v)!)),
    ...(typeof parameters === "string" ? [] : baked(graph, parameters)),
  ];
  const bytes = initializer.reduce((sum, t) => sum + t.raw_data!.length, 0);
  if (bytes > mostBytes)
    throw new ProsoponError("bad-input", `The weights hold ${bytes} bytes, more than a model file can.`, {
      values: { bytes },
      mend: 'Use parameters: "inputs".',
    });
  const declared = parameters === "inputs" ? [...graph.inputs, ...graph.parameters] : graph.inputs;
  const model: ModelMessage = {
    ir_version: 10,
    producer_name: producer,
    graph: {
      node: nodes,
      name: graph.name,
      initializer,
      input: declared.map((v) => valueInfo(v.name, v)),
      output: [...graph.outputs].map(([name, v]) => valueInfo(name, v)),
    },
    opset_import: [
      { domain: "", version: 21 },
      ...(live.some((n) => n.domain === "com.microsoft") ? [{ domain: "com.microsoft", version: 1 }] : []),
    ],
  };
  const made = modelMessage.encode(model).finish();
  // A plain array of its own: Node's writer gives a Buffer that may be a part of a shared pool.
  return made.byteLength === made.buffer.byteLength ? new Uint8Array(made.buffer) : Uint8Array.from(made);
}
