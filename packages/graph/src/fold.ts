import { constantTensor } from "./constant.ts";
import { elementwiseFoldings } from "./fold/elementwise.ts";
import type { Element, Folding } from "./fold/folding.ts";
import { movementFoldings } from "./fold/movement.ts";
import { reductionFoldings } from "./fold/reduction.ts";
import type { Attributes, Value } from "./graph.ts";
import type { Inferred } from "./infer/inference.ts";
import { shapePart } from "./infer/movement.ts";
import { allocate, sizeOf, tensor } from "./make-tensor.ts";
import type { Tensor } from "./tensor.ts";

/** Larger results stay nodes: the runtime computes them faster than a file can hold them. */
const mostElements = 4096;

const foldings: ReadonlyMap<string, Folding> = new Map(
  [elementwiseFoldings, movementFoldings, reductionFoldings].flatMap((table) => Object.entries(table)),
);

function built({ dtype, shape }: Inferred, elements: ArrayLike<Element>): Tensor {
  const data = allocate(dtype, sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = elements[i]!;
  return { dtype, shape, data };
}

/**
 * The value of an operator whose inputs are small constants, where that is worth having: chains that compute shapes.
 * Only what is bit for bit the runtime's own result is folded.
 */
export function fold(
  op: string,
  domain: string,
  inputs: readonly (Value | undefined)[],
  attributes: Attributes,
  inferred: readonly Inferred[],
): readonly Tensor[] | undefined {
  if (domain !== "") return undefined;
  const shape = inputs[0]?.shape ?? [];
  if (op === "Shape") {
    const part = shapePart(shape, attributes);
    return [tensor("int64", [part.length], part)];
  }
  if (op === "Size") return [tensor("int64", [], [sizeOf(shape)])];
  const folding = foldings.get(op);
  if (!folding) return undefined;
  const tensors = inputs.map(constantTensor);
  if (inputs.some((v, i) => v && !tensors[i])) return undefined;
  if ([...inputs, ...inferred].some((v) => v && sizeOf(v.shape) > mostElements)) return undefined;
  const results = folding({ tensors, attributes, inferred });
  return results?.map((elements, i) => built(inferred[i]!, elements));
}
