import type { Tensor, Value } from "@prosopon/graph";
import type { Scope } from "./scope.ts";

/** Tensors by name, read when needed: a weights file or a map in memory. */
export interface ParameterSource {
  readonly names: readonly string[];
  read(name: string): Promise<Tensor>;
}

/** What an expert looks at: images [N, channels, height, width] after `preprocess`. */
export interface ExpertInput {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/**
 * A frozen network that judges images, usable as a loss (its features are differentiable values of the graph) and as a metric
 * (the same graph, run alone). A plugin: a plain value made by a factory.
 */
export interface Expert {
  readonly specification: "expert/v1";
  readonly name: string;
  readonly input: ExpertInput;
  /** Images [N, 3, H, W] of any size with values in [-1, 1] -> what `features` takes, of the size in `input`. Differentiable. */
  preprocess(image: Value): Value;
  /**
   * Features of preprocessed images, the first axis N each; the last one is the output that gives the expert its name (an embedding,
   * logits). Parameters are declared under `scope`, by the names of `parameters` with the scope's prefix before them.
   */
  features(scope: Scope, input: Value): readonly Value[];
  /** The trained tensors; absent for an expert that was not loaded, whose values then come from `initialize`. */
  readonly parameters?: ParameterSource;
}
