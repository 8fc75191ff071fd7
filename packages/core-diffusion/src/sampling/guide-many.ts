import { ProsoponError } from "@prosopon/errors";
import { add, div, mul, type Operand, reduceMean, sqrt, square, sub, type Value } from "@prosopon/graph";
import { combine, type Latents } from "./latents.ts";

/** ε_u + Σ w_i·(ε_i − ε_u): each condition pulls with a weight of its own (Liu et al. 2022, composable diffusion). */
export const guideMany = <L extends Latents>(
  unconditional: L,
  conditional: readonly (readonly [weight: number, output: L])[],
): L => combine([1 - conditional.reduce((sum, [weight]) => sum + weight, 0), unconditional], ...conditional);

/** The same in a graph. */
export const guideManyValues = (
  unconditional: Value,
  conditional: readonly (readonly [weight: Operand, output: Value])[],
): Value =>
  conditional.reduce((sum, [weight, output]) => add(sum, mul(sub(output, unconditional), weight)), unconditional);

/**
 * Rescaled guidance (Lin et al. 2024, section 3.4): the guided output brought back to the spread of the conditional one, per sample, and
 * mixed with what it was by φ (0: unchanged, 0.7 is usual). Against the glare of large γ.
 * @throws `bad-input` when the samples do not divide the numbers.
 */
export function rescaleGuidance<L extends Latents>(guided: L, conditional: L, phi: number, samples: number): L {
  const size = guided.length / samples;
  if (!Number.isInteger(size) || conditional.length !== guided.length)
    throw new ProsoponError("bad-input", `${guided.length} numbers are not ${samples} samples.`, {
      values: { guided: guided.length, conditional: conditional.length, samples },
    });
  const spread = (x: L, from: number) => {
    let [sum, squares] = [0, 0];
    for (let i = from; i < from + size; i++) {
      sum += x[i]!;
      squares += x[i]! ** 2;
    }
    return Math.sqrt(Math.max(0, squares / size - (sum / size) ** 2));
  };
  const result = guided.slice() as L;
  for (let from = 0; from < guided.length; from += size) {
    const own = spread(guided, from);
    const factor = own > 0 ? phi * (spread(conditional, from) / own) + 1 - phi : 1;
    for (let i = from; i < from + size; i++) result[i]! *= factor;
  }
  return result;
}

/** The same in a graph, for outputs [B, C, h, w]. */
export function rescaleGuidanceValues(guided: Value, conditional: Value, phi: number): Value {
  const axes = guided.shape.slice(1).map((_, i) => i + 1);
  const spread = (x: Value) => {
    const centred = sub(x, reduceMean(x, { axes, keep: true }));
    return sqrt(reduceMean(square(centred), { axes, keep: true }));
  };
  const factor = div(spread(conditional), add(spread(guided), 1e-12));
  return mul(guided, add(mul(factor, phi), 1 - phi));
}
