import { type NoiseSchedule, scheduleOfBetas } from "./noise-schedule.ts";

export interface CosineScheduleOptions {
  /** T; default 1000. */
  readonly times?: number;
  /** s; default 0.008. */
  readonly offset?: number;
  /** Largest β; default 0.999. */
  readonly limit?: number;
}

/** ᾱ = f(t)/f(0), f(t) = cos²((t/T + s)/(1 + s)·π/2), with β limited (Nichol and Dhariwal 2021, eq. 17). */
export function cosineSchedule({
  times = 1000,
  offset = 0.008,
  limit = 0.999,
}: CosineScheduleOptions = {}): NoiseSchedule {
  const f = (t: number) => Math.cos(((t / times + offset) / (1 + offset)) * (Math.PI / 2)) ** 2;
  return scheduleOfBetas(Float64Array.from({ length: times }, (_, t) => Math.min(1 - f(t + 1) / f(t), limit)));
}
