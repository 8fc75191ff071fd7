import { abs, reduceMean, square, sub, type Value } from "@prosopon/graph";

/** Mean of (a - b)² over all elements; a scalar. The shapes broadcast. */
export const meanSquaredError = (a: Value, b: Value): Value => reduceMean(square(sub(a, b)));

/** Mean of |a - b| over all elements; a scalar. The shapes broadcast. */
export const meanAbsoluteError = (a: Value, b: Value): Value => reduceMean(abs(sub(a, b)));
