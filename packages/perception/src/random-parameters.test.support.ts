import type { Tensor, Value } from "@prosopon/graph";
import { graph, input } from "@prosopon/graph";
import { type Scope, scope } from "@prosopon/nn";
import { gaussians } from "@prosopon/random";

/** Values for all that `build` declares under a prefix, as if it had been trained: not the zeros that loaded networks start at. */
export function randomParameters(
  prefix: string,
  shape: readonly number[],
  build: (scope: Scope, image: Value) => unknown,
): Record<string, Tensor> {
  const g = graph();
  const top = scope(g, prefix);
  build(top, input(g, "image", "float32", shape));
  return Object.fromEntries(
    [...top.parameters.values()].map(({ name, shape }) => {
      const fanIn = shape.slice(1).reduce((a, b) => a * b, 1);
      const length = fanIn * shape[0]!;
      const data = gaussians(5, name, 0, length).map((v) => v / Math.sqrt(fanIn));
      return [name, { dtype: "float32", shape, data: Float32Array.from(data) }];
    }),
  );
}
