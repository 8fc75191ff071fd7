import { add, div, minimum, mul, reduceSum, sqrt, square, type Value } from "@prosopon/graph";

/** sqrt of the sum of all squares of all values; a scalar. */
export function globalNorm(values: readonly Value[]): Value {
  const [first, ...others] = values.map((value) => reduceSum(square(value)));
  return sqrt(others.reduce(add, first!));
}

/** Scales gradients so that their global norm is at most `limit` (Pascanu et al. 2013; PyTorch's `clip_grad_norm_`). */
export function clipByGlobalNorm(
  gradients: readonly Value[],
  limit: number,
): { readonly gradients: readonly Value[]; readonly norm: Value } {
  const norm = globalNorm(gradients);
  const factor = minimum(div(limit, add(norm, 1e-6)), 1);
  return { gradients: gradients.map((gradient) => mul(gradient, factor)), norm };
}
