import { div, maximum, reduceSum, sqrt, square, type Value } from "@prosopon/graph";

/** Divides every row of [N, D] by its Euclidean length. */
export const unitRows = (x: Value): Value =>
  div(x, sqrt(maximum(reduceSum(square(x), { axes: [1], keep: true }), 1e-12)));
