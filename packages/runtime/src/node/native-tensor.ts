import { ProsoponError } from "@prosopon/errors";
import type { DType, Tensor } from "@prosopon/graph";
import { Tensor as NativeTensor } from "onnxruntime-node";
import type { ValueDescription } from "../session.ts";

/** A tensor of ours as one of the runtime's, on the same memory. */
export function toNative({ dtype, shape, data }: Tensor): NativeTensor {
  return new NativeTensor(dtype as "float32", data as Float32Array, shape);
}

/** The runtime's tensor as ours, on the same memory. It must lie on the CPU. */
export function fromNative(native: NativeTensor): Tensor {
  const data = native.data as Float32Array;
  const dtype = native.type as DType;
  // Newer engines have a Float16Array; ours are bits.
  const bits = dtype === "float16" ? new Uint16Array(data.buffer, data.byteOffset, data.length) : data;
  return { dtype, shape: native.dims, data: bits as Float32Array } as Tensor;
}

/** A tensor with its own memory. (Node's Buffer has a `slice` of its own that copies nothing.) */
export const copyOf = (tensor: Tensor): Tensor =>
  ({ ...tensor, data: Float32Array.prototype.slice.call(tensor.data) }) as unknown as Tensor;

/** Element types of the runtime that no tensor of ours has. */
const foreign: ReadonlySet<string> = new Set(["string", "uint16", "uint32", "uint64", "uint4", "int4"]);

/** What the runtime says of a model's input or output. @throws `bad-graph` for a sequence, a map or an element type that we do not have. */
export function description(value: {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}): ValueDescription {
  const { name, type, shape = [] } = value;
  if (!value.isTensor || type === undefined || foreign.has(type))
    throw new ProsoponError(
      "bad-graph",
      `"${name}" has the type ${type ?? "sequence or map"}, which is not supported.`,
      {
        values: { name, type },
      },
    );
  return { name, dtype: type as DType, shape: shape.map((d) => (typeof d === "number" ? d : -1)) };
}
