import { apply1 } from "../apply.ts";
import type { Value } from "../graph.ts";

/** Group normalisation of [N, C, spatial...] with scale and bias [C]. Lowered to the fastest known nodes when encoded. */
export const groupNormalization = (
  x: Value,
  scale: Value,
  bias: Value,
  { groups, epsilon = 1e-5 }: { readonly groups: number; readonly epsilon?: number },
): Value => apply1(x.graph, "GroupNormalization", [x, scale, bias], { num_groups: groups, epsilon });

/** Layer normalisation over the axes from `axis` (default the last) with scale and bias of their shape. */
export const layerNormalization = (
  x: Value,
  scale: Value,
  bias: Value,
  { axis = -1, epsilon = 1e-5 }: { readonly axis?: number; readonly epsilon?: number } = {},
): Value => apply1(x.graph, "LayerNormalization", [x, scale, bias], { axis, epsilon });

export const instanceNormalization = (x: Value, scale: Value, bias: Value, epsilon = 1e-5): Value =>
  apply1(x.graph, "InstanceNormalization", [x, scale, bias], { epsilon });

/** Batch normalisation in inference form: running mean and variance [C] are inputs. */
export const batchNormalization = (
  x: Value,
  scale: Value,
  bias: Value,
  mean: Value,
  variance: Value,
  epsilon = 1e-5,
): Value => apply1(x.graph, "BatchNormalization", [x, scale, bias, mean, variance], { epsilon });
