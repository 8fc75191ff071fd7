import { apply1 } from "../apply.ts";
import type { Value } from "../graph.ts";

/**
 * The same value, through which no gradient passes. Lowering removes it. The straight-through estimator of a quantised
 * value q of x is `add(x, stopGradient(sub(q, x)))`.
 */
export const stopGradient = (x: Value): Value => apply1(x.graph, "StopGradient", [x], {}, { domain: "prosopon" });
