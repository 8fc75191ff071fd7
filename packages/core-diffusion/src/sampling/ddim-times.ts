import { ProsoponError } from "@prosopon/errors";

/** Times at which a sampler asks the network: whole, rising. */
export type Times = readonly number[];

function checked(times: Times, total: number, mend: string): Times {
  const bad = times.find((t, i) => t >= total || t < 0 || (i > 0 && t <= times[i - 1]!));
  if (bad === undefined && times.length > 0) return times;
  throw new ProsoponError(
    "bad-input",
    `These steps give the times ${times.slice(0, 6)}…${times.slice(-3)} of a schedule of ${total}.`,
    {
      values: { steps: times.length, total, time: bad },
      mend,
    },
  );
}

/**
 * The reference's "uniform" grid (its variants A and C): every c-th time plus 1, c = ⌊total/steps⌋.
 * It has ⌈total/c⌉ times, more than asked for where `steps` does not divide `total`. @throws `bad-input` when it leaves the schedule.
 */
export function uniformTimes(steps: number, total = 1000): Times {
  const c = Math.floor(total / steps);
  const length = c >= 1 ? Math.ceil(total / c) : 0;
  return checked(
    Array.from({ length }, (_, i) => i * c + 1),
    total,
    `Ask for at most ${Math.floor(total / 2)} steps, best for a divisor of ${total}.`,
  );
}

/** The reference's "quad" grid: ⌊(√(0.8·total)·i/(steps−1))²⌋ + 1. @throws `bad-input` when times repeat. */
export const quadraticTimes = (steps: number, total = 1000): Times =>
  checked(
    fractions(steps).map((f) => Math.trunc((f * Math.sqrt(total * 0.8)) ** 2) + 1),
    total,
    "Ask for fewer steps.",
  );

/**
 * The reference's grid for editing (its variant B): ⌊i/(steps−1)·⌊total·strength⌋⌋ with the first replaced by 1. The strength t₀/total
 * in (0, 1) says how far the latent is noised; the number of times is always `steps`.
 * @throws `bad-input` for strength 1, which leaves the schedule, and for more steps than times.
 */
export function strengthTimes(steps: number, strength: number, total = 1000): Times {
  const reach = Math.trunc(total * strength);
  const times = fractions(steps).map((f, i) => (i === 0 ? 1 : Math.trunc(f * reach)));
  return checked(
    times,
    total,
    `Use a strength above 0 and below 1 and at most ${Math.max(Math.floor(reach / 2), 1)} steps for it.`,
  );
}

/** numpy.linspace(0, 1, n): i·(1/(n−1)), the last exactly 1. */
const fractions = (n: number): readonly number[] =>
  Array.from({ length: n }, (_, i) => (n > 1 && i === n - 1 ? 1 : i * (1 / Math.max(n - 1, 1))));
