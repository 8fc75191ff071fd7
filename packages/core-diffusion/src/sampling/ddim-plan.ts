import { alphaAt, type NoiseSchedule } from "../schedule/noise-schedule.ts";
import type { Times } from "./ddim-times.ts";

/** One step from ᾱ `from` to ᾱ `to`, the network being told `time`, with fresh noise of deviation `sigma`. */
export interface DdimStep {
  readonly time: number;
  readonly from: number;
  readonly to: number;
  readonly sigma: number;
}

/** Steps in order of execution. */
export type DdimPlan = readonly DdimStep[];

export interface DdimPlanOptions {
  /** η: 0 (default) is deterministic, 1 has the noise of ancestral sampling. */
  readonly eta?: number;
  /**
   * The ᾱ on the clean side of the first time: "first" (default) is ᾱ₀, as the reference has it, "one" is 1, as in eq. 3.61.
   */
  readonly clean?: "first" | "one";
}

const neighbours = (schedule: NoiseSchedule, times: Times, clean: "first" | "one" = "first") =>
  times.map((time, i) => ({
    time,
    here: alphaAt(schedule, time),
    below: i > 0 ? alphaAt(schedule, times[i - 1]!) : clean === "one" ? 1 : schedule[0]!,
  }));

/** η·√((1−a')/(1−a))·√(1−a/a'): the deviation of the fresh noise of a step from ᾱ `from` to ᾱ `to`. */
export const freshDeviation = (eta: number, from: number, to: number): number =>
  eta * Math.sqrt((1 - to) / (1 - from)) * Math.sqrt(1 - from / to);

/**
 * From the last time down (eq. 3.61): σ = η·√((1−a')/(1−a))·√(1−a/a'). Like the reference it adds noise at every step, the last too.
 */
export const ddimPlan = (schedule: NoiseSchedule, times: Times, { eta = 0, clean }: DdimPlanOptions = {}): DdimPlan =>
  neighbours(schedule, times, clean)
    .map(({ time, here, below }) => ({
      time,
      from: here,
      to: below,
      sigma: freshDeviation(eta, here, below),
    }))
    .reverse();

export interface InversionPlanOptions extends Pick<DdimPlanOptions, "clean"> {
  /**
   * The time that the network is told: that of the level it goes to ("destination", default, as the reference's code does, so that the way
   * back asks at the same times) or comes from ("source", eq. 4.18).
   */
  readonly at?: "destination" | "source";
}

/** From a clean latent up to the last time: the deterministic way back of `ddimPlan` with the same times. */
export const inversionPlan = (
  schedule: NoiseSchedule,
  times: Times,
  { clean, at = "destination" }: InversionPlanOptions = {},
): DdimPlan =>
  neighbours(schedule, times, clean).map(({ time, here, below }, i) => ({
    time: at === "destination" ? time : (times[i - 1] ?? 0),
    from: below,
    to: here,
    sigma: 0,
  }));

/**
 * The way back of a plan, from its end to its beginning, each step told the time of the level that it comes from, as eq. 4.18 has it: for solvers
 * of any order. The end is told time 0.
 */
export const reversedPlan = (plan: DdimPlan): DdimPlan =>
  plan.map(({ from, to }, i) => ({ time: plan[i + 1]?.time ?? 0, from: to, to: from, sigma: 0 })).reverse();
