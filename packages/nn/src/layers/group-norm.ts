import { ProsoponError } from "@prosopon/errors";
import { groupNormalization, type Value, within } from "@prosopon/graph";
import type { Scope } from "../scope.ts";
import { ones, zeros } from "./fan-in.ts";

export interface GroupNormOptions {
  /** Number of groups; default 32. Must divide the channels. */
  readonly groups?: number;
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number;
}

/**
 * Group normalisation (Wu and He 2018) of [N, C, spatial...]: parameters `weight` [C] ones and `bias` [C] zeros.
 * @throws `bad-input` when the groups do not divide the channels.
 */
export function groupNorm(scope: Scope, x: Value, { groups = 32, epsilon = 1e-5 }: GroupNormOptions = {}): Value {
  const channels = x.shape[1] ?? 0;
  if (channels === 0 || channels % groups !== 0)
    throw new ProsoponError(
      "bad-input",
      `Group normalisation "${scope.prefix}": ${groups} groups do not divide ${channels} channels.`,
      { values: { groups, channels } },
    );
  const weight = scope.parameter("weight", [channels], ones);
  const bias = scope.parameter("bias", [channels], zeros);
  return within(scope.graph, scope.prefix, () => groupNormalization(x, weight, bias, { groups, epsilon }));
}
