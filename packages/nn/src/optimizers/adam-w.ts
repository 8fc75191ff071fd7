import { ProsoponError } from "@prosopon/errors";
import { add, div, mul, sqrt, square, sub } from "@prosopon/graph";
import type { Optimizer } from "./optimizer.ts";

export interface AdamWOptions {
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Decoupled: the parameter is multiplied by 1 - learningRate · weightDecay. Default 0.01. */
  readonly weightDecay?: number;
}

/**
 * AdamW (Loshchilov and Hutter 2019, algorithm 2) with PyTorch's conventions:
 * m = β1 m + (1-β1) g; v = β2 v + (1-β2) g²; p = p (1 - ηλ) - η/(1-β1ᵗ) · m / (sqrt(v)/sqrt(1-β2ᵗ) + ε).
 * The state is PyTorch's: `exp_avg` (m) and `exp_avg_sq` (v). Bias corrections are folded into scalars that the host computes.
 * @throws `bad-input` for a beta outside 0..1 or a negative epsilon or decay.
 */
export function adamW(options: AdamWOptions = {}): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 } = options;
  for (const [name, value, good] of [
    ["beta1", beta1, beta1 >= 0 && beta1 < 1],
    ["beta2", beta2, beta2 >= 0 && beta2 < 1],
    ["epsilon", epsilon, epsilon >= 0],
    ["weightDecay", weightDecay, weightDecay >= 0],
  ] as const)
    if (!good)
      throw new ProsoponError("bad-input", `AdamW's ${name} is ${value}.`, {
        values: { [name]: value },
        mend: "Betas lie in [0, 1); epsilon and weight decay are not negative.",
      });
  return {
    name: weightDecay === 0 ? "adam" : "adamw",
    state: ["exp_avg", "exp_avg_sq"],
    scalars(t, η) {
      const correction = Math.sqrt(1 - beta2 ** t);
      return {
        rate: (η * correction) / (1 - beta1 ** t),
        epsilon: epsilon * correction,
        ...(weightDecay === 0 ? {} : { keep: 1 - η * weightDecay }),
      };
    },
    update({ parameter, gradient: g, state, scalars }) {
      const m = add(mul(state["exp_avg"]!, beta1), mul(g, 1 - beta1));
      const v = add(mul(state["exp_avg_sq"]!, beta2), mul(square(g), 1 - beta2));
      const kept = scalars["keep"] ? mul(parameter, scalars["keep"]) : parameter;
      const change = mul(div(m, add(sqrt(v), scalars["epsilon"]!)), scalars["rate"]!);
      return { parameter: sub(kept, change), state: { exp_avg: m, exp_avg_sq: v } };
    },
  };
}

/** Adam (Kingma and Ba 2015): `adamW` without weight decay. */
export const adam = (options: Omit<AdamWOptions, "weightDecay"> = {}): Optimizer =>
  adamW({ ...options, weightDecay: 0 });
