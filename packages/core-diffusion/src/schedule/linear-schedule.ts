import { type NoiseSchedule, scheduleOfBetas } from "./noise-schedule.ts";

export interface LinearScheduleOptions {
  /** β₀; default 0.0015. */
  readonly start?: number;
  /** β of the last time; default 0.0205. */
  readonly end?: number;
  /** T; default 1000. */
  readonly times?: number;
}

/** The schedule that latent diffusion calls "linear": √β grows linearly. The defaults are the reference's. */
export function linearSchedule({
  start = 0.0015,
  end = 0.0205,
  times = 1000,
}: LinearScheduleOptions = {}): NoiseSchedule {
  const [low, high] = [Math.sqrt(start), Math.sqrt(end)];
  const step = (high - low) / (times - 1);
  // Filled from both ends, as torch.linspace does.
  return scheduleOfBetas(
    Float64Array.from(
      { length: times },
      (_, t) => (t < times / 2 ? low + t * step : high - (times - 1 - t) * step) ** 2,
    ),
  );
}
