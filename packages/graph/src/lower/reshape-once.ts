import type { Value } from "../graph.ts";
import { reshape } from "../ops/movement.ts";

/**
 * `reshape` from what x was before it was reshaped, so that one node does for several in a row. Not while a graph is built: a gradient may be
 * asked of the value between.
 */
export function reshapeOnce(x: Value, shape: readonly number[]): Value {
  const producer = x.graph.producers.get(x);
  // A zero would mean the dimension of the value before.
  if (producer?.op !== "Reshape" || shape.includes(0)) return reshape(x, shape);
  return reshapeOnce(producer.inputs[0]!, shape);
}
