import type { Tensor, Value } from "@prosopon/graph";
import type { Scope } from "@prosopon/nn";

/** Where a condition enters the U-Net: beside the noisy channels, as attention tokens, or in the time embedding. */
export type Injection = "channels" | "tokens" | "embedding";

export interface EncodeOptions {
  /** B: how many samples the graph is built for. */
  readonly batch: number;
  /** Put before the names of the graph inputs: "emotion" gives "emotion/label". */
  readonly name: string;
}

/** A condition as the network sees it: [B, C, h, w] for channels, [B, tokens, size] for tokens, [B, size] for the embedding. */
export interface EncodedCondition {
  readonly code: Value;
  /** Stands in where the condition is dropped or guidance wants its absence; of the code's shape. */
  readonly absent: Value;
}

/** One thing that a denoiser may be told. A plugin: a plain value made by a factory. */
export interface ConditionEncoder<Input = unknown> {
  readonly specification: "condition/v1";
  readonly name: string;
  readonly injection: Injection;
  /**
   * Adds the encoder to the graph of `place`, with its parameters below it (they train with the rest) and its inputs named after
   * `options.name`. Called once for a graph.
   */
  encode(place: Scope, options: EncodeOptions): EncodedCondition;
  /** Turns raw inputs, one for each sample, into the tensors behind the graph inputs. @throws `bad-input` for what it does not know. */
  feeds(inputs: readonly Input[], options: Pick<EncodeOptions, "name">): Promise<Readonly<Record<string, Tensor>>>;
}
