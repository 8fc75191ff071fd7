import { type INamespace, Root } from "protobufjs/light.js";

/** A 64-bit integer as protobufjs gives it; `Number(String(x))` is its value. Numbers are accepted when encoding. */
export interface Long {
  readonly low: number;
  readonly high: number;
  readonly unsigned: boolean;
}
export type Int64 = number | Long;

export interface StringEntryMessage {
  key?: string;
  value?: string;
}

export interface TensorMessage {
  dims?: Int64[];
  data_type?: number;
  float_data?: number[];
  int32_data?: number[];
  int64_data?: Int64[];
  name?: string;
  raw_data?: Uint8Array;
  double_data?: number[];
  external_data?: StringEntryMessage[];
  data_location?: number;
}

export interface AttributeMessage {
  name?: string;
  f?: number;
  i?: Int64;
  s?: Uint8Array;
  t?: TensorMessage;
  g?: GraphMessage;
  floats?: number[];
  ints?: Int64[];
  strings?: Uint8Array[];
  graphs?: GraphMessage[];
  type?: number;
  ref_attr_name?: string;
}

export interface NodeMessage {
  input?: string[];
  output?: string[];
  name?: string;
  op_type?: string;
  attribute?: AttributeMessage[];
  domain?: string;
}

export interface DimensionMessage {
  dim_value?: Int64;
  dim_param?: string;
}

export interface ValueInfoMessage {
  name?: string;
  type?: { tensor_type?: { elem_type?: number; shape?: { dim?: DimensionMessage[] } } };
}

export interface GraphMessage {
  node?: NodeMessage[];
  name?: string;
  initializer?: TensorMessage[];
  input?: ValueInfoMessage[];
  output?: ValueInfoMessage[];
  sparse_initializer?: unknown[];
}

export interface ModelMessage {
  ir_version?: Int64;
  producer_name?: string;
  graph?: GraphMessage;
  opset_import?: { domain?: string; version?: Int64 }[];
  functions?: unknown[];
}

type FieldRow = readonly [name: string, number: number, type: string, rule?: "repeated" | "packed"];

// The fields of onnx.proto (proto2) that we read or write, with their numbers; all others are skipped when reading.
const messages: Readonly<Record<string, readonly FieldRow[]>> = {
  ModelProto: [
    ["ir_version", 1, "int64"],
    ["producer_name", 2, "string"],
    ["graph", 7, "GraphProto"],
    ["opset_import", 8, "OperatorSetIdProto", "repeated"],
    ["functions", 25, "bytes", "repeated"],
  ],
  OperatorSetIdProto: [
    ["domain", 1, "string"],
    ["version", 2, "int64"],
  ],
  GraphProto: [
    ["node", 1, "NodeProto", "repeated"],
    ["name", 2, "string"],
    ["initializer", 5, "TensorProto", "repeated"],
    ["input", 11, "ValueInfoProto", "repeated"],
    ["output", 12, "ValueInfoProto", "repeated"],
    ["sparse_initializer", 15, "bytes", "repeated"],
  ],
  NodeProto: [
    ["input", 1, "string", "repeated"],
    ["output", 2, "string", "repeated"],
    ["name", 3, "string"],
    ["op_type", 4, "string"],
    ["attribute", 5, "AttributeProto", "repeated"],
    ["domain", 7, "string"],
  ],
  AttributeProto: [
    ["name", 1, "string"],
    ["f", 2, "float"],
    ["i", 3, "int64"],
    ["s", 4, "bytes"],
    ["t", 5, "TensorProto"],
    ["g", 6, "GraphProto"],
    ["floats", 7, "float", "repeated"],
    ["ints", 8, "int64", "repeated"],
    ["strings", 9, "bytes", "repeated"],
    ["graphs", 11, "GraphProto", "repeated"],
    ["type", 20, "int32"],
    ["ref_attr_name", 21, "string"],
  ],
  TensorProto: [
    ["dims", 1, "int64", "repeated"],
    ["data_type", 2, "int32"],
    ["float_data", 4, "float", "packed"],
    ["int32_data", 5, "int32", "packed"],
    ["int64_data", 7, "int64", "packed"],
    ["name", 8, "string"],
    ["raw_data", 9, "bytes"],
    ["double_data", 10, "double", "packed"],
    ["external_data", 13, "StringStringEntryProto", "repeated"],
    ["data_location", 14, "int32"],
  ],
  StringStringEntryProto: [
    ["key", 1, "string"],
    ["value", 2, "string"],
  ],
  ValueInfoProto: [
    ["name", 1, "string"],
    ["type", 2, "TypeProto"],
  ],
  TypeProto: [["tensor_type", 1, "TensorTypeProto"]],
  TensorTypeProto: [
    ["elem_type", 1, "int32"],
    ["shape", 2, "TensorShapeProto"],
  ],
  TensorShapeProto: [["dim", 1, "DimensionProto", "repeated"]],
  DimensionProto: [
    ["dim_value", 1, "int64"],
    ["dim_param", 2, "string"],
  ],
};

const descriptor: INamespace = {
  nested: Object.fromEntries(
    Object.entries(messages).map(([message, rows]) => [
      message,
      {
        fields: Object.fromEntries(
          rows.map(([name, id, type, rule]) => [
            name,
            {
              id,
              type,
              ...(rule ? { rule: "repeated" as const, options: { packed: rule === "packed" } } : {}),
            },
          ]),
        ),
      },
    ]),
  ),
};

const root = Root.fromJSON(descriptor).resolveAll();

/** The ONNX messages by name. */
export const modelMessage = root.lookupType("ModelProto");
export const graphMessage = root.lookupType("GraphProto");

/** AttributeProto.AttributeType. */
export const attributeKinds = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
} as const;
