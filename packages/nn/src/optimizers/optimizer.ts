import type { Value } from "@prosopon/graph";

export interface OptimizerUpdate {
  readonly parameter: Value;
  readonly gradient: Value;
  /** One value of the parameter's shape for each name in `Optimizer.state`. */
  readonly state: Readonly<Record<string, Value>>;
  /** One float32 scalar for each name that `Optimizer.scalars` gives. */
  readonly scalars: Readonly<Record<string, Value>>;
}

/** A rule that moves a parameter along its gradient, as graph nodes. All rules are elementwise: a flat vector of many parameters works. */
export interface Optimizer {
  readonly name: string;
  /** Names of the tensors that it carries from step to step, each of the parameter's shape and zero at the start. */
  readonly state: readonly string[];
  /** What the host computes for one step: `step` counts from 1. */
  scalars(step: number, learningRate: number): Readonly<Record<string, number>>;
  /** The new parameter and state. */
  update(now: OptimizerUpdate): { readonly parameter: Value; readonly state: Readonly<Record<string, Value>> };
}
