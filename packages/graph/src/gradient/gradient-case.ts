import { constant } from "../constant.ts";
import type { Value } from "../graph.ts";
import { tensor } from "../make-tensor.ts";

/** One input of a sample: its shape and the range of its numbers, which are all different and never in the very middle. */
export interface SampleInput {
  readonly shape: readonly number[];
  /** Default [-1, 1]. */
  readonly range?: readonly [number, number];
}

/** A sample on which a gradient rule is held against central differences. */
export interface GradientCase {
  readonly inputs: readonly SampleInput[];
  readonly build: (...inputs: readonly Value[]) => Value | readonly Value[];
  /** Step of the differences, default 0.004. */
  readonly step?: number;
  /** What sets this sample apart. */
  readonly note?: string;
}

export type GradientCases = Readonly<Record<string, readonly GradientCase[]>>;

/** A sample with inputs of these shapes. */
export const sample = (
  shapes: readonly (readonly number[])[],
  build: GradientCase["build"],
  options: { readonly range?: readonly [number, number]; readonly step?: number; readonly note?: string } = {},
): GradientCase => ({
  inputs: shapes.map((shape) => ({ shape, ...(options.range ? { range: options.range } : {}) })),
  build,
  ...(options.step ? { step: options.step } : {}),
  ...(options.note ? { note: options.note } : {}),
});

/** A constant of whole numbers, for indices and shapes. */
export const whole = (like: Value, shape: readonly number[], numbers: readonly number[]): Value =>
  constant(like.graph, tensor("int64", shape, numbers));
