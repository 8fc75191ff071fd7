import { ProsoponError } from "@prosopon/errors";
import type { NoiseSchedule } from "../schedule/noise-schedule.ts";
import { combine, type Latents } from "./latents.ts";
import { checkSignal, type Sampler } from "./sampler.ts";

export interface DpmSolverOptions {
  /** Number of steps; as many network calls. */
  readonly steps: number;
  /** Default 2. Order 1 is DDIM on this grid. */
  readonly order?: 1 | 2;
  /** Takes the last step with order 1; default: below 15 steps, as the reference does. */
  readonly lowerOrderFinal?: boolean;
  /**
   * "time" (default): uniform in time, as the reference has it; its last steps are long in λ, which the second order pays for.
   * "logSNR": uniform in λ.
   */
  readonly grid?: "time" | "logSNR";
}

/** α = √ᾱ, σ = √(1−ᾱ), λ = ln(α/σ) at a continuous time in [1/T, 1]. */
export interface SolverLevel {
  readonly alpha: number;
  readonly sigma: number;
  readonly lambda: number;
}

/** ln α is linear between the times (i+1)/T of the schedule. */
export function solverLevel(schedule: NoiseSchedule, t: number): SolverLevel {
  const place = Math.min(Math.max(t * schedule.length - 1, 0), schedule.length - 1);
  const below = Math.min(Math.floor(place), schedule.length - 2);
  const logAlpha = (i: number) => 0.5 * Math.log(schedule[i]!);
  const log = logAlpha(below) + (place - below) * (logAlpha(below + 1) - logAlpha(below));
  const alpha = Math.exp(log);
  const sigma = Math.sqrt(-Math.expm1(2 * log));
  return { alpha, sigma, lambda: log - Math.log(sigma) };
}

/** The continuous time at which the schedule has a given λ. */
function timeOf(schedule: NoiseSchedule, lambda: number): number {
  const log = -0.5 * Math.log1p(Math.exp(-2 * lambda));
  const logAlpha = (i: number) => 0.5 * Math.log(schedule[i]!);
  let above = 1;
  while (above < schedule.length - 1 && logAlpha(above) > log) above++;
  const fraction = (log - logAlpha(above - 1)) / (logAlpha(above) - logAlpha(above - 1));
  return (above + fraction) / schedule.length;
}

/** x at `to` from x at `from` and x̂₀ there; with the x̂₀ before it, second order (Lu et al. 2022, DPM-Solver++, algorithm 2). */
export function dpmSolverStep<L extends Latents>(
  noisy: L,
  from: SolverLevel,
  to: SolverLevel,
  denoised: L,
  before?: { readonly level: SolverLevel; readonly denoised: L },
): L {
  const h = to.lambda - from.lambda;
  const weight = -to.alpha * Math.expm1(-h);
  const ratio = to.sigma / from.sigma;
  if (!before) return combine([ratio, noisy], [weight, denoised]);
  const r = (from.lambda - before.level.lambda) / h;
  return combine([ratio, noisy], [weight * (1 + 0.5 / r), denoised], [(-weight * 0.5) / r, before.denoised]);
}

/**
 * DPM-Solver++(2M) as the reference configures it: data prediction, from time 1 to 1/T, network times fractional. Deterministic.
 * @throws `bad-input` for a schedule that ends in ᾱ = 0, where λ is infinite.
 */
export function dpmSolver(schedule: NoiseSchedule, options: DpmSolverOptions): Sampler {
  const { steps, order = 2, lowerOrderFinal = steps < 15, grid = "time" } = options;
  if (!(schedule.at(-1)! > 0) || !Number.isInteger(steps) || steps < 1)
    throw new ProsoponError(
      "bad-input",
      `DPM-Solver cannot take ${steps} steps of a schedule that ends at ${schedule.at(-1)}.`,
      {
        values: { steps, last: schedule.at(-1) },
        mend: "Use DDIM for schedules with zero terminal signal, and at least one step.",
      },
    );
  const total = schedule.length;
  const [high, low] = [solverLevel(schedule, 1).lambda, solverLevel(schedule, 1 / total).lambda];
  const times = Array.from({ length: steps + 1 }, (_, i) =>
    grid === "time" ? 1 + (i / steps) * (1 / total - 1) : timeOf(schedule, high + (i / steps) * (low - high)),
  );
  const levels = times.map((t) => solverLevel(schedule, t));
  return {
    specification: "sampler/v1",
    name: order === 2 ? "dpm-solver++(2m)" : "dpm-solver++(1)",
    steps,
    async *sample(denoise, start, call = {}) {
      let noisy = start;
      let before: { level: SolverLevel; denoised: typeof start } | undefined;
      for (let index = 0; index < steps; index++) {
        checkSignal(call.signal);
        const level = levels[index]!;
        const time = (times[index]! - 1 / total) * total;
        const { denoised } = await denoise(noisy, { time, alpha: level.alpha ** 2 }, call);
        const first = order === 1 || (lowerOrderFinal && index === steps - 1);
        noisy = dpmSolverStep(noisy, level, levels[index + 1]!, denoised, first ? undefined : before);
        before = { level, denoised };
        yield { index, time, noisy, denoised };
      }
    },
  };
}
