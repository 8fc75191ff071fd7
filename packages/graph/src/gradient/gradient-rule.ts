import type { Attributes, Node, Value } from "../graph.ts";
import { unbroadcast } from "./unbroadcast.ts";

/** What a rule sees of the node whose inputs it differentiates. */
export interface GradientContext {
  readonly node: Node;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  /** The gradient of every output, undefined where the loss does not depend on it; at least one is there. */
  readonly gradients: readonly (Value | undefined)[];
  /** Whether the gradient of each input is wanted. */
  readonly needs: readonly boolean[];
}

/** Gives the gradient of every input that is needed, in the input's shape, or says that the operator has none. */
export type GradientRule = ((context: GradientContext) => readonly (Value | undefined)[]) | "none";
export type GradientRules = Readonly<Record<string, GradientRule>>;

/** Rule of an operator with one differentiable input: `g` is the output's gradient, `y` the output. */
export const unary =
  (derive: (g: Value, x: Value, y: Value, attributes: Attributes) => Value): GradientRule =>
  ({ node, inputs, outputs, gradients }) => [derive(gradients[0]!, inputs[0]!, outputs[0]!, node.attributes)];

type Partial = (g: Value, a: Value, b: Value, y: Value) => Value;

/** Rule of an elementwise operator of two inputs that broadcast: each gradient is summed back to its input's shape. */
export const binary =
  (left: Partial, right: Partial): GradientRule =>
  ({ inputs, outputs, gradients, needs }) =>
    [left, right].map((derive, i) =>
      needs[i] ? unbroadcast(derive(gradients[0]!, inputs[0]!, inputs[1]!, outputs[0]!), inputs[i]!.shape) : undefined,
    );

/** Rule of an elementwise operator of any number of inputs that broadcast. */
export const variadic =
  (derive: (g: Value, index: number, inputs: readonly Value[], y: Value) => Value): GradientRule =>
  ({ inputs, outputs, gradients, needs }) =>
    inputs.map((x, i) =>
      needs[i] ? unbroadcast(derive(gradients[0]!, i, inputs as readonly Value[], outputs[0]!), x!.shape) : undefined,
    );
