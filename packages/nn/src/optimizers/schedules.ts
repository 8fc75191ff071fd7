/** A number, such as a learning rate, that depends on the number of steps done before (0 for the first step). */
export type Schedule = (step: number) => number;

/** Always the same. */
export const constantRate =
  (value: number): Schedule =>
  () =>
    value;

/** Grows linearly: value · 1/steps, 2/steps, ... and from step `steps - 1` on the schedule itself. */
export const warmUp =
  (steps: number, schedule: Schedule): Schedule =>
  (step) =>
    schedule(step) * Math.min(1, (step + 1) / steps);

export interface CosineDecayOptions {
  readonly from: number;
  /** Default 0. */
  readonly to?: number;
  /** Steps from `from` to `to`; it stays at `to` after that. */
  readonly steps: number;
}

/** Half a cosine from one number to another (Loshchilov and Hutter 2017, eq. 5). */
export const cosineDecay =
  ({ from, to = 0, steps }: CosineDecayOptions): Schedule =>
  (step) =>
    to + 0.5 * (from - to) * (1 + Math.cos(Math.PI * Math.min(1, step / steps)));

/** 0 before step `first`, then `value`: for a loss that joins late. */
export const startingAt =
  (first: number, value = 1): Schedule =>
  (step) =>
    step < first ? 0 : value;
