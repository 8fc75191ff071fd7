import type { DType } from "@prosopon/graph";
import { bytes, integer, joined, type Piece } from "./wire.ts";

export interface TinyNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Whole numbers and lists of them. */
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}

export interface TinyValue {
  /** Default: float32. */
  readonly dtype?: DType;
  readonly shape: readonly number[];
}

export interface TinyModel {
  readonly inputs: Readonly<Record<string, TinyValue>>;
  readonly outputs: Readonly<Record<string, TinyValue>>;
  readonly nodes: readonly TinyNode[];
}

/** TensorProto.DataType of onnx.proto. */
export const onnxDataTypes: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
};

/** The ONNX bytes (opset 17) of a few nodes, for probes and tests. Field numbers are those of onnx.proto. */
export function tinyModel({ inputs, outputs, nodes }: TinyModel): Uint8Array {
  const values = (field: number, named: Readonly<Record<string, TinyValue>>): Piece =>
    Object.entries(named).map(([name, { dtype = "float32", shape }]) => {
      const dimensions = bytes(
        2,
        shape.map((dimension) => bytes(1, integer(1, dimension))),
      );
      return bytes(field, [bytes(1, name), bytes(2, bytes(1, [integer(1, onnxDataTypes[dtype]), dimensions]))]);
    });
  const attribute = ([name, value]: [string, number | readonly number[]]): Piece =>
    bytes(
      5,
      typeof value === "number"
        ? [bytes(1, name), integer(3, value), integer(20, 2)]
        : [bytes(1, name), value.map((item) => integer(8, item)), integer(20, 7)],
    );
  const node = (each: TinyNode): Piece =>
    bytes(1, [
      each.inputs.map((name) => bytes(1, name)),
      each.outputs.map((name) => bytes(2, name)),
      bytes(4, each.operator),
      Object.entries(each.attributes ?? {}).map(attribute),
    ]);
  const graph = [nodes.map(node), bytes(2, "tiny"), values(11, inputs), values(12, outputs)];
  return joined([integer(1, 8), bytes(7, graph), bytes(8, integer(2, 17))]);
}
