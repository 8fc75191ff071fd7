import type { NoiseSchedule } from "./noise-schedule.ts";

/**
 * The schedule with √ᾱ shifted and scaled so that the last time is pure noise and the first stays (Lin et al. 2024, algorithm 1).
 * ε says nothing at ᾱ = 0: train such a model to predict v or x0.
 */
export function zeroTerminal(schedule: NoiseSchedule): NoiseSchedule {
  const first = Math.sqrt(schedule[0]!);
  const last = Math.sqrt(schedule.at(-1)!);
  return schedule.map((alpha) => (((Math.sqrt(alpha) - last) * first) / (first - last)) ** 2);
}
