import { ProsoponError } from "@prosopon/errors";
import type { NoiseSchedule } from "../schedule/noise-schedule.ts";
import { type DdimPlan, type DdimPlanOptions, freshDeviation } from "./ddim-plan.ts";
import { type SolverLevel, solverLevel } from "./dpm-solver.ts";

/** A noise level with the time that the network is told there. */
export interface GridLevel extends SolverLevel {
  readonly time: number;
}

/** Where a solver stops on its way from noise to a clean latent. */
export interface SolverGrid {
  /** steps + 1 levels, λ rising. */
  readonly levels: readonly GridLevel[];
  /** Any level between the first and the last, for solvers that look inside a step. */
  at(lambda: number): GridLevel;
}

export interface GridOptions {
  /** 1 or more. */
  readonly steps: number;
  /** The first, noisiest time of the schedule; default: its last. */
  readonly from?: number;
  /** The last time; default 0. */
  readonly to?: number;
}

/** −½ln(1 + e^{−2λ}): ln α of a level. */
const logAlphaOf = (lambda: number): number => -0.5 * Math.log1p(Math.exp(-2 * lambda));

/** The (fractional) time of the schedule with a given λ, ln α being linear between its times. */
function timeOf(schedule: NoiseSchedule, lambda: number): number {
  const wanted = logAlphaOf(lambda);
  const logAlpha = (i: number) => 0.5 * Math.log(schedule[i]!);
  let [low, high] = [0, schedule.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (logAlpha(middle) >= wanted) low = middle;
    else high = middle;
  }
  const fraction = (wanted - logAlpha(low)) / (logAlpha(high) - logAlpha(low));
  return Math.min(Math.max(low + fraction, 0), schedule.length - 1);
}

function levelOf(squared: number, time: number): GridLevel {
  const [alpha, sigma] = [Math.sqrt(squared), Math.sqrt(1 - squared)];
  return { alpha, sigma, lambda: Math.log(alpha / sigma), time };
}

function levelAt(schedule: NoiseSchedule, lambda: number): GridLevel {
  const log = logAlphaOf(lambda);
  return { alpha: Math.exp(log), sigma: Math.sqrt(-Math.expm1(2 * log)), lambda, time: timeOf(schedule, lambda) };
}

/** Whole times do not look at their neighbour, which may be pure noise. */
const levelOfTime = (schedule: NoiseSchedule, time: number): GridLevel =>
  Number.isInteger(time)
    ? levelOf(schedule[time]!, time)
    : { ...solverLevel(schedule, (time + 1) / schedule.length), time };

function ends(schedule: NoiseSchedule, { steps, from = schedule.length - 1, to = 0 }: GridOptions) {
  if (
    !Number.isInteger(steps) ||
    steps < 1 ||
    !(to >= 0) ||
    !(from > to) ||
    from > schedule.length - 1 ||
    !(schedule[Math.ceil(from)]! > 0)
  )
    throw new ProsoponError(
      "bad-input",
      `${steps} steps from time ${from} to ${to} fit no schedule of ${schedule.length}.`,
      {
        values: { steps, from, to, times: schedule.length, first: schedule[Math.ceil(from)] },
        mend: "Take at least one step, downwards, inside the schedule, from where its ᾱ is above 0 (DDIM can do with 0).",
      },
    );
  return { first: levelOfTime(schedule, from), last: levelOfTime(schedule, to), steps, from, to };
}

const gridOf = (schedule: NoiseSchedule, levels: readonly GridLevel[]): SolverGrid => ({
  levels,
  at: (lambda) => levelAt(schedule, lambda),
});

/** Uniform in time. */
export function timeGrid(schedule: NoiseSchedule, options: GridOptions): SolverGrid {
  const { steps, from, to } = ends(schedule, options);
  const times = Array.from({ length: steps + 1 }, (_, i) => from + (i / steps) * (to - from));
  return gridOf(
    schedule,
    times.map((time) => levelOfTime(schedule, time)),
  );
}

/** Uniform in λ, which is the "exponential" schedule of σ/α. Solvers reach their order of convergence on it. */
export function exponentialGrid(schedule: NoiseSchedule, options: GridOptions): SolverGrid {
  const { first, last, steps } = ends(schedule, options);
  const inner = Array.from({ length: steps - 1 }, (_, i) =>
    levelAt(schedule, first.lambda + ((i + 1) / steps) * (last.lambda - first.lambda)),
  );
  return gridOf(schedule, [first, ...inner, last]);
}

export interface KarrasGridOptions extends GridOptions {
  /** ρ: the larger, the shorter the last steps; default 7. */
  readonly rho?: number;
}

/** (σ/α)^{1/ρ} falls uniformly (Karras et al. 2022, eq. 5). */
export function karrasGrid(schedule: NoiseSchedule, { rho = 7, ...options }: KarrasGridOptions): SolverGrid {
  const { first, last, steps } = ends(schedule, options);
  const root = ({ lambda }: GridLevel) => Math.exp(-lambda / rho);
  const inner = Array.from({ length: steps - 1 }, (_, i) => {
    const part = root(first) + ((i + 1) / steps) * (root(last) - root(first));
    return levelAt(schedule, -rho * Math.log(part));
  });
  return gridOf(schedule, [first, ...inner, last]);
}

/** The levels of a DDIM plan, so that any solver may start from a strength below 1 and stop where DDIM does. */
export function planGrid(schedule: NoiseSchedule, plan: DdimPlan): SolverGrid {
  const last = plan.at(-1);
  if (!last || plan.some(({ from, to }) => !(from > 0) || !(to > from) || to >= 1))
    throw new ProsoponError("bad-input", "A solver cannot follow this plan: its ᾱ must rise and stay inside (0, 1).", {
      values: { steps: plan.length },
      mend: 'Use ddimPlan with the default clean "first", or DDIM for a schedule that ends in pure noise.',
    });
  const levels = plan.map(({ from, time }) => levelOf(from, time));
  const end = levelOf(last.to, 0);
  return gridOf(schedule, [...levels, { ...end, time: timeOf(schedule, end.lambda) }]);
}

/** The levels of a grid as a DDIM plan, so that what walks along plans may do with any levels. */
export const gridPlan = ({ levels }: SolverGrid, { eta = 0 }: Pick<DdimPlanOptions, "eta"> = {}): DdimPlan =>
  levels.slice(1).map(({ alpha }, i) => {
    const { time, alpha: before } = levels[i]!;
    const [from, to] = [before ** 2, alpha ** 2];
    return { time, from, to, sigma: freshDeviation(eta, from, to) };
  });
