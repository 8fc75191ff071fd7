import { type Graph, graph, input, type Value } from "@prosopon/graph";
import { type Scope, scope } from "./scope.ts";

/**
 * Declares the parameters of modules in the order of `build`, which only sketches them on a scratch graph. For modules whose order of
 * definition (that of stored tensors and optimizer states) is not their order of use.
 */
export function declare(place: Scope, build: (scratch: Scope, like: (...shape: number[]) => Value) => void): void {
  const scratch: Graph = graph();
  const sketch = scope(scratch, place.prefix);
  build(sketch, (...shape) => input(scratch, `x${scratch.inputs.length}`, "float32", shape));
  const start = place.prefix ? place.prefix.length + 1 : 0;
  for (const { name, shape, initializer, dtype } of sketch.parameters.values())
    place.parameter(name.slice(start), shape, initializer, dtype);
}
