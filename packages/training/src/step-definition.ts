import type { DType, Graph, Value } from "@prosopon/graph";
import type { Optimizer, ParameterFilter, Schedule, Scope } from "@prosopon/nn";

/** What a batch brings under one name. */
export interface InputSpecification {
  readonly shape: readonly number[];
  /** Default float32. */
  readonly dtype?: DType;
}

/** What a step's graph is built from. */
export interface StepContext<Input extends string = string, Scalar extends string = string> {
  readonly graph: Graph;
  /** The top of the module tree: parameters are made here. */
  readonly scope: Scope;
  readonly inputs: Readonly<Record<Input, Value>>;
  /** Today's values of the definition's `schedules`; float32 scalars. */
  readonly scalars: Readonly<Record<Scalar, Value>>;
  /** New values of buffers by parameter name, such as the running statistics that `batchNorm` puts here. */
  readonly updates: Map<string, Value>;
  /** A parameter by its full name, for instance to take a gradient to it. @throws `not-found` before it is declared. */
  parameter(name: string): Value;
}

/** One loss: what it moves, and how. */
export interface LossOptions {
  /** The parameters that it trains. Those that no loss trains are frozen; no parameter may belong to two losses. */
  readonly parameters: ParameterFilter;
  readonly optimizer: Optimizer;
  /** From the number of steps done before. */
  readonly learningRate: Schedule;
  /** Limit of the global norm of this loss' gradients. */
  readonly clip?: number;
}

export interface AverageOptions {
  /** Which of the trained parameters are averaged; default all. */
  readonly parameters?: ParameterFilter;
  /** Default 0.9999, with LitEma's warm-up. */
  readonly decay?: number;
}

/** A training step: what goes in, what is computed, what each loss trains. */
export interface StepDefinition<
  Loss extends string = string,
  Input extends string = string,
  Scalar extends string = string,
> {
  readonly name: string;
  readonly inputs: Readonly<Record<Input, InputSpecification>>;
  /** Numbers that change with the step, such as the factor of a loss that joins late. */
  readonly schedules?: Readonly<Record<Scalar, Schedule>>;
  /**
   * Builds losses (scalars) and metrics (anything worth reading). It may call `gradients` itself, for instance for norms inside a loss.
   * It is called twice and must build the same both times.
   */
  build(context: StepContext<NoInfer<Input>, NoInfer<Scalar>>): {
    readonly losses: Readonly<Record<NoInfer<Loss>, Value>>;
    readonly metrics?: Readonly<Record<string, Value>>;
  };
  readonly losses: Readonly<Record<Loss, LossOptions>>;
  /** Keeps exponential moving averages of trained parameters. */
  readonly average?: AverageOptions;
  /**
   * Saves memory for time: the values of nodes under a path for which this gives a name are not kept for the gradients, but computed again, region
   * by region. Paths are those of `within` and of the layers, for example `(path) => /^net\/block\.\d+/.exec(path)?.[0]`. The results are the
   * same up to rounding. Gradients that `build` takes itself are not concerned.
   */
  readonly recompute?: (path: string) => string | undefined;
  /**
   * Gradients are averaged over so many micro-batches before an update, which needs the memory of one: `inputs` describe a micro-batch, and a step
   * is fed with the rows of all of them, so many times as long along the first axis. Where the losses are means over samples, the results are those
   * of the long batch up to rounding; statistics over a batch, such as batch normalisation's, are taken of each micro-batch in turn. Default: 1.
   */
  readonly accumulate?: number;
  /**
   * How many trained numbers are updated at once. A step that trains more computes its gradients first and then moves group after group of about so
   * many, so that the new state never lies beside the old one as a whole: less memory for an eighth of the time at 156.8 M parameters. The results are the
   * same. Default: 2^24 for a step that recomputes or accumulates, else all.
   */
  readonly updateTogether?: number;
  /**
   * `per-tensor`: every parameter is an input and output of its own. `flat` (default): those that one loss trains travel together in vectors of
   * about 2^19 numbers, which saves calls and copies. The results are the same up to rounding, and checkpoints fit both. On WebGPU more than
   * 200 tensors want `per-tensor`.
   */
  readonly layout?: "per-tensor" | "flat";
}
