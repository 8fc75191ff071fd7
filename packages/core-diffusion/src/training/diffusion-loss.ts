import { add, constant, gather, mul, reduceMean, reshape, square, sub, tensor, type Value } from "@prosopon/graph";
import type { Parameterisation } from "../sampling/denoiser.ts";
import type { NoiseSchedule } from "../schedule/noise-schedule.ts";
import { boundWeights } from "../schedule/schedule-buffers.ts";

export interface DiffusionLossOptions {
  readonly schedule: NoiseSchedule;
  /** Clean latents z₀ [B, C, h, w]. */
  readonly latent: Value;
  /** Whole times [B], int64, uniform in 0 … T−1. */
  readonly time: Value;
  /** Standard normal, of the latents' shape. */
  readonly noise: Value;
  /** The network's output for noisy latents at these times. */
  readonly predict: (noisy: Value, time: Value) => Value;
  /** Default "epsilon". */
  readonly parameterisation?: Parameterisation;
  /** Weight of a sample by its time, T numbers; default 1 for all. */
  readonly weights?: ArrayLike<number>;
  /** Weight of each place of the latents, [B, 1, h, w], such as more of it around the mouth; default 1. */
  readonly emphasis?: Value;
  /** Weight of the variational bound (`original_elbo_weight`, for "epsilon" only); default 0. */
  readonly boundWeight?: number;
}

export interface DiffusionLoss {
  /** What to minimise, a scalar. */
  readonly loss: Value;
  /** Mean squared error of the prediction, unweighted; a scalar. */
  readonly simple: Value;
  /** The variational bound's terms (only for "epsilon"); a scalar. */
  readonly bound?: Value;
  /** Squared error of each sample [B]. */
  readonly perSample: Value;
  readonly noisy: Value;
  readonly output: Value;
}

/**
 * The denoising objective, E‖ε − ε̂(z_t, t)‖² as a mean over elements (Ho et al. 2020, eq. 14), with the target that
 * the parameterisation asks for. The noisy latents are made in the graph.
 */
export function diffusionLoss(options: DiffusionLossOptions): DiffusionLoss {
  const {
    schedule,
    latent,
    time,
    noise,
    predict,
    parameterisation = "epsilon",
    weights,
    emphasis,
    boundWeight = 0,
  } = options;
  const { graph } = latent;
  const table = (values: Float32Array) => gather(constant(graph, tensor("float32", [values.length], values)), time);
  const wide = (values: Float32Array) => reshape(table(values), [latent.shape[0]!, 1, 1, 1]);
  const signal = wide(Float32Array.from(schedule, Math.sqrt));
  const sigma = wide(Float32Array.from(schedule, (a) => Math.sqrt(1 - a)));
  const noisy = add(mul(signal, latent), mul(sigma, noise));
  const output = predict(noisy, time);
  const target =
    parameterisation === "epsilon"
      ? noise
      : parameterisation === "x0"
        ? latent
        : sub(mul(signal, noise), mul(sigma, latent));
  const error = square(sub(target, output));
  const perSample = reduceMean(error, { axes: [1, 2, 3] });
  const simple = reduceMean(perSample);
  const placed = emphasis ? reduceMean(mul(error, emphasis), { axes: [1, 2, 3] }) : perSample;
  const weighted = weights ? reduceMean(mul(placed, table(Float32Array.from(weights)))) : reduceMean(placed);
  if (parameterisation !== "epsilon") return { loss: weighted, simple, perSample, noisy, output };
  const bound = reduceMean(mul(perSample, table(boundWeights(schedule))));
  const loss = boundWeight === 0 ? weighted : add(weighted, mul(bound, boundWeight));
  return { loss, simple, bound, perSample, noisy, output };
}
