import { ProsoponError } from "@prosopon/errors";

/** A batch of latents as plain numbers, row-major. Samplers keep the element type that they are given. */
export type Latents = Float32Array | Float64Array;

/** Σ weight·latents, in the type of the first. @throws `bad-input` when lengths differ. */
export function combine<L extends Latents>(...terms: readonly (readonly [weight: number, latents: L])[]): L {
  const length = terms[0]![1].length;
  const odd = terms.find(([, x]) => x.length !== length);
  if (odd)
    throw new ProsoponError("bad-input", `Latents of ${length} and ${odd[1].length} numbers cannot be added.`, {
      values: { lengths: terms.map(([, x]) => x.length) },
    });
  const sum = terms[0]![1].slice() as L;
  for (let i = 0; i < length; i++) {
    let total = 0;
    for (const [weight, x] of terms) if (weight !== 0) total += weight * x[i]!;
    sum[i] = total;
  }
  return sum;
}

/** √ᾱ·z₀ + √(1−ᾱ)·ε: the forward process (Ho et al. 2020, eq. 4). */
export const diffuse = <L extends Latents>(latent: L, noise: L, alpha: number): L =>
  combine([Math.sqrt(alpha), latent], [Math.sqrt(1 - alpha), noise]);
