import type { DType, Tensor } from "@prosopon/graph";

/** A tensor that stays where it was made: in a child process, on a device. It belongs to the host that made it. */
export interface Handle {
  readonly kind: "handle";
  readonly id: number;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** Input name -> value. */
export type Feeds = Readonly<Record<string, Tensor | Handle>>;

export interface RunOptions {
  /** Outputs that stay where they were made, as handles. */
  readonly keep?: readonly string[];
  /** Compute only these outputs. Default: all. */
  readonly outputs?: readonly string[];
  readonly signal?: AbortSignal;
}

/** Name, element type and shape of an input or output. A dimension of -1 is not fixed by the model. */
export interface ValueDescription {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** A loaded program. Disposing it frees what it holds, unless it is cached under a key. */
export interface Session extends AsyncDisposable {
  /** What a run must be fed: parameters are not listed. */
  readonly inputs: readonly ValueDescription[];
  readonly outputs: readonly ValueDescription[];
  /**
   * Computes outputs: tensors, but handles for those named in `keep`.
   * @throws `bad-input` for a missing, unknown or ill-shaped feed; `cancelled` when the signal fires; `crashed` when a child process dies.
   */
  run(feeds: Feeds, options?: RunOptions & { readonly keep?: readonly [] }): Promise<Record<string, Tensor>>;
  run(feeds: Feeds, options?: RunOptions): Promise<Record<string, Tensor | Handle>>;
}
