import { ProsoponError } from "@prosopon/errors";
import type { Attribute, Attributes, Value } from "../graph.ts";
import type { DType, Tensor } from "../tensor.ts";

export interface Inferred {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

export interface InferenceContext {
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Attributes;
  /** The tensors of constant inputs, in the same places. */
  readonly constants: readonly (Tensor | undefined)[];
  /** The number of outputs that the caller asks for. */
  readonly outputs: number | undefined;
}

/** Types and shapes of an operator's outputs. Throws `bad-graph` with a plain reason; the caller adds the place. */
export type Inference = (context: InferenceContext) => readonly Inferred[];

export const wrong = (reason: string): ProsoponError => new ProsoponError("bad-graph", reason);

/** The i-th input, which must be there. */
export function need({ inputs }: InferenceContext, i: number): Value {
  const value = inputs[i];
  if (!value) throw wrong(`input ${i} is missing.`);
  return value;
}

/** The numbers of the i-th input, which must be constant; undefined when the input is absent. */
export function numbers({ inputs, constants }: InferenceContext, i: number): readonly number[] | undefined {
  if (!inputs[i]) return undefined;
  const found = constants[i];
  if (!found) throw wrong(`input ${i} ("${inputs[i].name}") must be a constant.`);
  return Array.from(found.data as ArrayLike<number | bigint>, Number);
}

export function integer(attribute: Attribute | undefined, fallback: number): number {
  return typeof attribute === "number" ? attribute : fallback;
}

export function integers(attribute: Attribute | undefined): readonly number[] | undefined {
  return Array.isArray(attribute) && attribute.every((v) => typeof v === "number") ? attribute : undefined;
}

/** A negative axis counts from the end. */
export function axisOf(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || positive < 0 || positive >= Math.max(rank, 1))
    throw wrong(`axis ${axis} is not one of a value with ${rank} dimensions.`);
  return positive;
}

/** The common shape under numpy's broadcasting. */
export function broadcast(...shapes: readonly (readonly number[])[]): readonly number[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, i) => {
    let size = 1;
    for (const shape of shapes) {
      const d = shape[i - rank + shape.length] ?? 1;
      if (d !== 1 && size !== 1 && d !== size)
        throw wrong(`shapes ${shapes.map((s) => `[${s}]`).join(" and ")} do not broadcast.`);
      if (d !== 1) size = d;
    }
    return size;
  });
}
