import { prelu, reshape, type Value, within } from "@prosopon/graph";
import type { Scope } from "../scope.ts";

export interface PreluOptions {
  /** One slope for all channels, or one for each; default one. */
  readonly perChannel?: boolean;
}

/** x where positive, slope·x elsewhere (He et al. 2015), of [N, C, spatial...]: parameter `weight` [1] or [C], 0.25 at the start. */
export function preluLayer(scope: Scope, x: Value, { perChannel = false }: PreluOptions = {}): Value {
  const slopes = perChannel ? (x.shape[1] ?? 1) : 1;
  const weight = scope.parameter("weight", [slopes], { kind: "constant", value: 0.25 });
  return within(scope.graph, scope.prefix, () =>
    prelu(x, reshape(weight, [slopes, ...new Array<number>(Math.max(0, x.shape.length - 2)).fill(1)])),
  );
}
