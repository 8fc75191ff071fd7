import type { DType } from "@prosopon/graph";

/** Element types that a file may hold: those of a tensor, and bfloat16, which is widened to float32 when it is read. */
export type StoredDType = DType | "bfloat16";

interface Storage {
  readonly bytes: number;
  /** Name in a safetensors header. */
  readonly safetensors: string;
  /** Storage class in a PyTorch pickle, without its module. */
  readonly torch: string;
}

export const storages: Readonly<Record<StoredDType, Storage>> = {
  float64: { bytes: 8, safetensors: "F64", torch: "DoubleStorage" },
  float32: { bytes: 4, safetensors: "F32", torch: "FloatStorage" },
  float16: { bytes: 2, safetensors: "F16", torch: "HalfStorage" },
  bfloat16: { bytes: 2, safetensors: "BF16", torch: "BFloat16Storage" },
  int64: { bytes: 8, safetensors: "I64", torch: "LongStorage" },
  int32: { bytes: 4, safetensors: "I32", torch: "IntStorage" },
  int16: { bytes: 2, safetensors: "I16", torch: "ShortStorage" },
  int8: { bytes: 1, safetensors: "I8", torch: "CharStorage" },
  uint8: { bytes: 1, safetensors: "U8", torch: "ByteStorage" },
  bool: { bytes: 1, safetensors: "BOOL", torch: "BoolStorage" },
};

const entries = Object.entries(storages) as [StoredDType, Storage][];

/** Element type of a safetensors name such as `"BF16"`. */
export const dtypeOfSafetensors: ReadonlyMap<string, StoredDType> = new Map(
  entries.map(([d, s]) => [s.safetensors, d]),
);

/** Element type of a PyTorch storage class such as `"HalfStorage"`. */
export const dtypeOfTorchStorage: ReadonlyMap<string, StoredDType> = new Map(entries.map(([d, s]) => [s.torch, d]));
