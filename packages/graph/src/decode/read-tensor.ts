import { ProsoponError } from "@prosopon/errors";
import { onnxTypes } from "../infer/elementwise.ts";
import { allocate, sizeOf } from "../make-tensor.ts";
import type { Int64, TensorMessage } from "../protobuf/messages.ts";
import { bytesPerElement, type DType, type Tensor, type TypedArrays } from "../tensor.ts";

/** Gives the bytes of a tensor that lies outside the model file: exactly `length` of them. */
export type ExternalData = (location: string, offset: number, length: number) => Uint8Array;

/** The number in a message. "To the end" is often written as the largest int64: such numbers become the largest exact one. */
export const toNumber = (value: Int64 | undefined): number =>
  value === undefined ? 0 : Math.min(Math.max(Number(String(value)), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);

const toBigInt = (value: Int64): bigint =>
  typeof value === "number" ? BigInt(value) : (BigInt(value.high) << 32n) | BigInt(value.low >>> 0);

const types = new Map((Object.keys(onnxTypes) as DType[]).map((t) => [onnxTypes[t], t]));

/** The element type of an ONNX number. @throws `bad-file` for one that is not supported, such as text. */
export function dtypeOf(number: number | undefined, owner: string): DType {
  const found = types.get(number ?? 0);
  if (!found)
    throw new ProsoponError("bad-file", `${owner} has the ONNX element type ${number ?? 0}, which is not supported.`, {
      values: { type: number },
    });
  return found;
}

function listed(message: TensorMessage, dtype: DType, size: number, owner: string): TypedArrays[DType] {
  const source =
    dtype === "float32"
      ? message.float_data
      : dtype === "float64"
        ? message.double_data
        : dtype === "int64"
          ? message.int64_data
          : message.int32_data;
  if ((source?.length ?? 0) !== size)
    throw new ProsoponError("bad-file", `${owner} holds ${source?.length ?? 0} elements, not ${size}.`);
  const data = allocate(dtype, size);
  for (let i = 0; i < size; i++)
    data[i] = dtype === "int64" ? toBigInt((source as Int64[])[i]!) : (source as number[])[i]!;
  return data;
}

/** The tensor in a message, its data copied. @throws `bad-file` when its data do not fit its shape. */
export function readTensor(message: TensorMessage, owner: string, external?: ExternalData): Tensor {
  const dtype = dtypeOf(message.data_type, owner);
  const shape = (message.dims ?? []).map(toNumber);
  const size = sizeOf(shape);
  if (!shape.every((d) => d >= 0) || !Number.isSafeInteger(size))
    throw new ProsoponError("bad-file", `${owner} has the shape [${shape}].`, { values: { shape } });
  const length = size * bytesPerElement[dtype];
  let raw = message.raw_data;
  if (message.data_location === 1) {
    const entries = new Map((message.external_data ?? []).map(({ key, value }) => [key ?? "", value ?? ""]));
    const location = entries.get("location") ?? "";
    if (!external)
      throw new ProsoponError("bad-file", `${owner} lies outside the model, in "${location}".`, {
        values: { location },
        mend: "Read the model with readModel of @prosopon/graph/node, or give `external`.",
      });
    const offset = Number(entries.get("offset") ?? 0);
    const declared = Number(entries.get("length") ?? length);
    if (!Number.isSafeInteger(offset) || offset < 0 || declared !== length)
      throw new ProsoponError("bad-file", `${owner} needs ${length} bytes, not ${declared} at ${offset}.`, {
        values: { location, offset, length: declared },
      });
    raw = external(location, offset, length);
  }
  if (!raw?.length && size > 0) return { dtype, shape, data: listed(message, dtype, size, owner) };
  if ((raw?.length ?? 0) !== length)
    throw new ProsoponError("bad-file", `${owner} holds ${raw?.length ?? 0} bytes, not ${length} for [${shape}].`, {
      values: { shape, bytes: raw?.length ?? 0 },
    });
  const data = allocate(dtype, size);
  if (raw) new Uint8Array(data.buffer).set(raw);
  return { dtype, shape, data };
}
