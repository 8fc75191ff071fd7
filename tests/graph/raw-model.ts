import type { Attributes, DType, Tensor } from "@prosopon/graph";
import { attributeMessage } from "../../packages/graph/src/encode/attribute-message.ts";
import { tensorMessage } from "../../packages/graph/src/encode/tensor-message.ts";
import { onnxTypes } from "../../packages/graph/src/infer/elementwise.ts";
import { type GraphMessage, type ModelMessage, modelMessage } from "../../packages/graph/src/protobuf/messages.ts";

export interface RawNode {
  readonly op: string;
  readonly domain?: string;
  readonly name?: string;
  /** "" for an absent one. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Attributes;
  readonly branches?: Readonly<Record<string, RawGraph>>;
}

export interface RawGraph {
  /** Symbolic dimensions are texts. */
  readonly inputs?: Readonly<Record<string, readonly [DType, readonly (number | string)[]]>>;
  readonly initializers?: Readonly<Record<string, Tensor>>;
  readonly nodes: readonly RawNode[];
  readonly outputs: readonly string[];
}

const typed = (name: string, dtype: DType, shape: readonly (number | string)[]) => ({
  name,
  type: {
    tensor_type: {
      elem_type: onnxTypes[dtype],
      shape: { dim: shape.map((d) => (typeof d === "number" ? { dim_value: d } : { dim_param: d })) },
    },
  },
});

function rawGraph({ inputs = {}, initializers = {}, nodes, outputs }: RawGraph): GraphMessage {
  return {
    name: "raw",
    node: nodes.map((n) => ({
      input: [...n.inputs],
      output: [...n.outputs],
      name: n.name ?? "",
      op_type: n.op,
      domain: n.domain ?? "",
      attribute: [
        ...Object.entries(n.attributes ?? {}).map(([name, value]) => attributeMessage(name, value)),
        ...Object.entries(n.branches ?? {}).map(([name, g]) => ({ name, g: rawGraph(g), type: 5 })),
      ],
    })),
    initializer: Object.entries(initializers).map(([name, t]) => tensorMessage(t, name)),
    input: Object.entries(inputs).map(([name, [dtype, shape]]) => typed(name, dtype, shape)),
    // The runtime infers the types of outputs that say none.
    output: outputs.map((name) => ({ name })),
  };
}

/** An ONNX model written as it stands, of any operator set, without our builder: what other programs could have made. */
export function rawModel(opset: number, graph: RawGraph): Uint8Array {
  const model: ModelMessage = {
    ir_version: opset < 15 ? 7 : 10,
    graph: rawGraph(graph),
    opset_import: [
      { domain: "", version: opset },
      { domain: "com.microsoft", version: 1 },
    ],
  };
  return Uint8Array.from(modelMessage.encode(model).finish());
}
