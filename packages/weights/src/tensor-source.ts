import type { Tensor } from "@prosopon/graph";
import type { StoredDType } from "./stored-dtype.ts";

/** What a file says about a tensor, without its values. */
export interface TensorInfo {
  /** As stored: a bfloat16 tensor is read as float32. */
  readonly dtype: StoredDType;
  readonly shape: readonly number[];
  /** Bytes of the values as stored, dense. */
  readonly length: number;
  /** Where the values lie as dense little-endian bytes, if they do: absent for compressed, strided or big-endian ones. */
  readonly file?: string;
  /** Byte offset in `file`. */
  readonly offset?: number;
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Bytes done so far, of how many. */
export type OnProgress = (progress: { readonly done: number; readonly total: number }) => void;

/** Named tensors that are read one at a time. */
export interface TensorSource {
  /** In file order. */
  readonly names: readonly string[];
  /** @throws `not-found` when there is no such tensor. */
  info(name: string): TensorInfo;
  /** A tensor of its own memory. @throws `not-found`, `bad-file`, `cancelled`. */
  read(name: string, options?: ReadOptions): Promise<Tensor>;
}
