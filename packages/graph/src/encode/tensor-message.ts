import { onnxTypes } from "../infer/elementwise.ts";
import type { TensorMessage } from "../protobuf/messages.ts";
import type { Tensor } from "../tensor.ts";

/** A tensor as ONNX has it; the data are not copied. */
export const tensorMessage = (t: Tensor, name?: string): TensorMessage => ({
  dims: [...t.shape],
  data_type: onnxTypes[t.dtype],
  ...(name === undefined ? {} : { name }),
  // Typed arrays are little-endian on every platform that runs this, as ONNX wants it.
  raw_data: new Uint8Array(t.data.buffer, t.data.byteOffset, t.data.byteLength),
});
