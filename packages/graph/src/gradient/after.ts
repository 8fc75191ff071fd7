import { apply1 } from "../apply.ts";
import type { Value } from "../graph.ts";
import { abs, add, minimum } from "../ops/elementwise.ts";
import { reshape, slice } from "../ops/movement.ts";

/** The same value x, which the runtime cannot have before it has `event`. Lowering turns it into ordinary nodes. */
export const after = (x: Value, event: Value): Value =>
  apply1(x.graph, "After", [x, event], {}, { domain: "prosopon" });

/**
 * x + min(|e|, 0) with one element e of the event: exactly x, in place where x is not needed any more, and nothing that the
 * runtime's optimiser sees through.
 */
export function loweredAfter(x: Value, event: Value): Value {
  const element = slice(reshape(event, [-1]), { axis: 0, start: 0, end: 1 });
  return reshape(add(x, minimum(abs(element), 0)), x.shape);
}
