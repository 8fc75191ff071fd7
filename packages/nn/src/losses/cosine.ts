import { div, maximum, mul, reduceMean, reduceSum, sqrt, square, sub, type Value } from "@prosopon/graph";

/** Cosine of the angle between vectors along the last axis: [..., d], [..., d] -> [...]. Zero vectors give 0, with gradient 0. */
export function cosineSimilarity(a: Value, b: Value): Value {
  const axes = [-1];
  const length2 = mul(reduceSum(square(a), { axes }), reduceSum(square(b), { axes }));
  return div(reduceSum(mul(a, b), { axes }), sqrt(maximum(length2, 1e-16)));
}

/** Mean of 1 - cosine similarity; a scalar in 0..2. */
export const cosineDistance = (a: Value, b: Value): Value => reduceMean(sub(1, cosineSimilarity(a, b)));
