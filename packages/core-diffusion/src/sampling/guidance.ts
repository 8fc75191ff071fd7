import { add, concat, mul, type Operand, split, sub, type Value } from "@prosopon/graph";
import { combine, type Latents } from "./latents.ts";

/**
 * When guidance of scale γ needs the unconditional branch. "equation" (default): whenever γ ≠ 1, so γ = 0 is unconditional (eq. 3.70).
 * "reference": only when γ > 1; anything below behaves as 1, as in the reference's scripts.
 */
export const guides = (scale: number, rule: "equation" | "reference" = "equation"): boolean =>
  rule === "reference" ? scale > 1 : scale !== 1;

/** ε_u + γ(ε_c − ε_u), eq. 3.70, of one output that holds the unconditional half of the batch first. */
export function guideOutput<L extends Latents>(both: L, scale: number): L {
  const half = both.length / 2;
  return combine([1 - scale, both.slice(0, half) as L], [scale, both.slice(half) as L]);
}

export interface GuidedOptions {
  /** The network on a doubled batch: noisy [2B, C, h, w], time [2B], context [2B, M, X]. */
  readonly network: (noisy: Value, time: Value, context: Value) => Value;
  /** Condition tokens [B, M, X]. */
  readonly context: Value;
  /** What stands in for an absent condition, [B, M, X]. */
  readonly absent: Value;
  /** γ; a scalar value lets one graph serve every scale. */
  readonly scale: Operand;
}

/**
 * Classifier-free guidance in a graph: both branches in one batch, the unconditional first (Ho and Salimans 2022, eq. 3.70).
 * For conditions in channels, let `network` join them to `noisy`, twice over.
 */
export const guided =
  ({ network, context, absent, scale }: GuidedOptions) =>
  (noisy: Value, time: Value): Value => {
    const batch = noisy.shape[0]!;
    const twice = (v: Value) => concat([v, v], 0);
    const both = network(twice(noisy), twice(time), concat([absent, context], 0));
    const [unconditional, conditional] = split(both, [batch, batch], 0);
    return add(unconditional!, mul(sub(conditional!, unconditional!), scale));
  };
