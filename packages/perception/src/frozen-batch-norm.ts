import { batchNormalization, type Value } from "@prosopon/graph";
import type { Scope } from "@prosopon/nn";

const loaded = { kind: "constant", value: 0 } as const;

/** Batch normalisation with loaded statistics, by PyTorch's names; without the counter of batches, which files may lack. */
export function frozenBatchNorm(scope: Scope, x: Value, epsilon = 1e-5): Value {
  const [weight, bias, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map((name) =>
    scope.parameter(name, [x.shape[1]!], loaded),
  ) as [Value, Value, Value, Value];
  return batchNormalization(x, weight, bias, mean, variance, epsilon);
}
