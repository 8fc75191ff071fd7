import type { Attributes, Value } from "./graph.ts";
import type { Inferred } from "./infer/inferences.ts";
import { tensor } from "./make-tensor.ts";
import type { Tensor } from "./tensor.ts";

/** The value of an operator whose inputs are small constants, where that is worth having: chains that compute shapes. */
export function fold(
  op: string,
  domain: string,
  inputs: readonly (Value | undefined)[],
  _attributes: Attributes,
  _inferred: readonly Inferred[],
): readonly Tensor[] | undefined {
  if (domain !== "") return undefined;
  if (op === "Shape") return [tensor("int64", [inputs[0]!.shape.length], [...inputs[0]!.shape])];
  return undefined;
}
