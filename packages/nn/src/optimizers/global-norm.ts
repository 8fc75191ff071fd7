import { add, div, minimum, reduceSum, sqrt, square, type Value } from "@prosopon/graph";

/** sqrt of the sum of all squares of all values; a scalar. */
export function globalNorm(values: readonly Value[]): Value {
  const [first, ...others] = values.map((value) => reduceSum(square(value)));
  return sqrt(others.reduce(add, first!));
}

/** What gradients are multiplied by so that their global norm is at most `limit` (Pascanu et al. 2013; PyTorch's `clip_grad_norm_`). */
export const clipFactor = (norm: Value, limit: number): Value => minimum(div(limit, add(norm, 1e-6)), 1);
