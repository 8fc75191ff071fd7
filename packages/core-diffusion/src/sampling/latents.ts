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

/**
 * Spherical interpolation, sin((1−λ)Ω)/sin Ω·a + sin(λΩ)/sin Ω·b with Ω the angle between them (thesis eq. 4.12): it keeps the length of noise,
 * which the straight way shortens. Where the two (nearly) point the same or opposite ways it is the straight way.
 */
export function slerp<L extends Latents>(a: L, b: L, lambda: number): L {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  const cosine = dot / Math.sqrt(aa * bb);
  if (!(Math.abs(cosine) < 1 - 1e-9)) return combine([1 - lambda, a], [lambda, b]);
  const angle = Math.acos(cosine);
  return combine(
    [Math.sin((1 - lambda) * angle) / Math.sin(angle), a],
    [Math.sin(lambda * angle) / Math.sin(angle), b],
  );
}
