import type { Attributes, Graph, Value } from "../graph.ts";
import { wrong } from "../infer/inference.ts";

export interface Converted {
  readonly graph: Graph;
  readonly op: string;
  readonly opset: number;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Attributes;
  /** How many outputs the model names. */
  readonly outputs: number;
}

/** Rebuilds a node of an older operator set in its opset 21 form. */
export type Conversion = (node: Converted) => readonly (Value | undefined)[];

export const without = (attributes: Attributes, ...names: readonly string[]): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)));

export const first = ({ inputs }: Converted): Value => {
  if (!inputs[0]) throw wrong("input 0 is missing.");
  return inputs[0];
};
