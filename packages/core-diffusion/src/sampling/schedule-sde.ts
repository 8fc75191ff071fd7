import { ProsoponError } from "@prosopon/errors";
import type { NoiseSchedule } from "../schedule/noise-schedule.ts";
import type { DiffusionSde } from "./sde.ts";

/**
 * The variance-preserving SDE that a schedule is the steps of, from its time 0 (t = 0) to its time `from` (t = 1; default: the last), so that the
 * samplers of SDEs serve networks of that schedule and may begin at a strength below 1. β and ln α are linear between whole times.
 * @throws `bad-input` for a time that the schedule lacks, or where its ᾱ is 0.
 */
export function scheduleSde(schedule: NoiseSchedule, from = schedule.length - 1): DiffusionSde {
  if (!Number.isInteger(from) || from < 1 || !(schedule[from]! > 0))
    throw new ProsoponError("bad-input", `No SDE begins at time ${from} of this schedule.`, {
      values: { from, times: schedule.length, alpha: schedule[from] },
      mend: "Take a whole time from 1 to the schedule's last, where its ᾱ is above 0.",
    });
  const log = (i: number) => 0.5 * Math.log(schedule[i]!);
  /** d ln α/d time at a whole time: between its neighbours, so that sums over it come out at ln α. */
  const slope = (i: number) => {
    const [below, above] = [Math.max(i - 1, 0), Math.min(i + 1, from)];
    return (log(above) - log(below)) / (above - below);
  };
  const between = (of: (i: number) => number, t: number) => {
    const time = Math.min(Math.max(t, 0), 1) * from;
    const below = Math.min(Math.floor(time), from - 1);
    return of(below) + (time - below) * (of(below + 1) - of(below));
  };
  const logSignal = (t: number) => between(log, t);
  const drift = (t: number) => from * between(slope, t);
  return {
    name: "vp",
    end: 0,
    signal: (t) => Math.exp(logSignal(t)),
    deviation: (t) => Math.sqrt(-Math.expm1(2 * logSignal(t))),
    drift,
    diffusion: (t) => Math.sqrt(-2 * drift(t)),
    time: (t) => Math.max(t, 0) * from,
  };
}
