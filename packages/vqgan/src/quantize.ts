import {
  add,
  argMin,
  fusedMatMul,
  gather,
  mul,
  reduceMean,
  reduceSum,
  reshape,
  square,
  stopGradient,
  sub,
  transpose,
  type Value,
} from "@prosopon/graph";
import type { Scope } from "@prosopon/nn";
import type { VqganConfig } from "./vqgan-config.ts";

export interface QuantizeOptions {
  /** Weight of the weaker term; default 0.25. */
  readonly beta?: number;
  /** Default true: β weighs the codebook term (as trained by the reference), else the commitment term (eq. 3.73). */
  readonly legacy?: boolean;
}

export interface Quantized {
  /** The nearest codes [B, D, h, w]; gradients pass straight through to the input. */
  readonly codes: Value;
  /** Index of each position's code, int64 [B·h·w] in the order batch, row, column. */
  readonly indices: Value;
  /** Mean-squared codebook and commitment terms, a scalar. */
  readonly loss: Value;
}

/**
 * Replaces every position of z [B, D, h, w] by its nearest code, d = Σz² + Σe² − 2z·eᵀ, the first on ties (VectorQuantizer2).
 * `place` ends in "quantize".
 */
export function quantize(
  place: Scope,
  z: Value,
  { n_embed: count, embed_dim: size }: VqganConfig,
  { beta = 0.25, legacy = true }: QuantizeOptions = {},
): Quantized {
  const [batch, , height, width] = z.shape as [number, number, number, number];
  const table = place.at("embedding").parameter("weight", [count, size], { kind: "uniform", bound: 1 / count });
  const rows = reshape(transpose(z, [0, 2, 3, 1]), [batch * height * width, size]);
  const norms = add(
    reduceSum(square(rows), { axes: [1], keep: true }),
    reshape(reduceSum(square(table), { axes: [1] }), [1, count]),
  );
  const distances = sub(norms, mul(fusedMatMul(rows, table, { transB: true }), 2));
  const indices = argMin(stopGradient(distances), 1);
  const found = transpose(reshape(gather(table, indices), [batch, height, width, size]), [0, 3, 1, 2]);
  const commitment = reduceMean(square(sub(stopGradient(found), z)));
  const codebook = reduceMean(square(sub(found, stopGradient(z))));
  const loss = legacy ? add(commitment, mul(codebook, beta)) : add(mul(commitment, beta), codebook);
  return { codes: add(z, stopGradient(sub(found, z))), indices, loss };
}
