import type { DType, Tensor } from "@prosopon/graph";

/**
 * Where a parameter's bytes lie: `length` bytes from `offset` of a file (little-endian, row-major).
 * float16 is widened to float32 when loaded.
 */
export interface ByteRange {
  readonly file: string;
  /** In bytes from the start of the file. */
  readonly offset: number;
  /** In bytes: the product of `shape` times the size of an element. */
  readonly length: number;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** An ONNX model (protobuf bytes, without big weights) and what fills its named parameters. */
export interface Program {
  readonly model: Uint8Array;
  /** Parameter name -> bytes in a file, or a tensor. */
  readonly parameters?: Readonly<Record<string, ByteRange | Tensor>>;
  /**
   * `initializers` (default): baked in as constants, so that the runtime may fold them and use its blocked layouts. The model names them
   * in its nodes but does not list them as inputs: an input with a default can be overridden and is never folded.
   * `inputs`: the model lists them as inputs; they stay in the host and are fed at every run, unless that run feeds them itself. For training.
   */
  readonly bind?: "initializers" | "inputs";
}
