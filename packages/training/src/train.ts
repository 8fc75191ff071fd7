import { ProsoponError } from "@prosopon/errors";
import type { Tensor } from "@prosopon/graph";
import type { Seed } from "@prosopon/random";
import type { Feeds } from "@prosopon/runtime";
import type { DataSource } from "./data-source.ts";
import type { Trainer } from "./trainer.ts";
import type { TrainingState } from "./training-state.ts";

/** After every step. */
export interface StepEvent<Loss extends string = string> {
  readonly event: "step";
  /** Steps done, this one included. */
  readonly step: number;
  /** Steps when the run will end. */
  readonly steps: number;
  readonly losses: Readonly<Record<Loss, number>>;
  readonly metrics: Readonly<Record<string, Tensor>>;
  /** Running mean over about the last ten steps. */
  readonly secondsPerStep: number;
  /** Seconds to the end at that speed. */
  readonly eta: number;
}

/** After a state was saved. */
export interface CheckpointEvent {
  readonly event: "checkpoint";
  readonly step: number;
  /** What `save` gave, for instance a file name. */
  readonly saved: unknown;
}

export type TrainingEvent<Loss extends string = string> = StepEvent<Loss> | CheckpointEvent;

export interface TrainOptions<Loss extends string = string, Input extends string = string> {
  readonly trainer: Trainer<Loss, Input>;
  readonly data: DataSource;
  readonly seed: Seed;
  /** Total number of steps: a resumed run does the rest. */
  readonly steps: number;
  /** Saves the state every so many steps and at the end (also when it is cancelled). */
  readonly checkpoint?: {
    readonly every: number;
    readonly save: (state: TrainingState) => Promise<unknown>;
  };
  readonly signal?: AbortSignal;
}

/**
 * The training loop. It prepares the next batch while a step runs, and goes on only when the consumer asks for the next event, so that the
 * consumer may evaluate or sample in between. Leaving the loop (`break`) or the signal ends it after a last checkpoint.
 * @throws `cancelled` when the signal fires; what data, session and `save` throw.
 */
export async function* train<Loss extends string, Input extends string>(
  options: TrainOptions<Loss, Input>,
): AsyncGenerator<TrainingEvent<Loss>, void> {
  const { trainer, data, seed, steps, checkpoint, signal } = options;
  if (!Number.isInteger(steps) || steps < 0)
    throw new ProsoponError("bad-input", `${steps} is no number of steps.`, { values: { steps } });
  if (checkpoint && !(Number.isInteger(checkpoint.every) && checkpoint.every > 0))
    throw new ProsoponError("bad-input", `A checkpoint every ${checkpoint.every} steps cannot be.`, {
      values: { every: checkpoint.every },
    });
  const aborting = signal ? { signal } : {};
  const fetch = (step: number): Promise<Feeds> => {
    const batch = data.batch(step, seed, aborting);
    // A failure counts when the batch is wanted, not before.
    batch.catch(() => {});
    return batch;
  };
  let saved = trainer.step;
  let failed = false;
  let secondsPerStep = Number.NaN;
  let next = trainer.step < steps ? fetch(trainer.step) : undefined;
  const save = async (): Promise<CheckpointEvent> => {
    const state = await trainer.state();
    assertFinite(state);
    saved = state.step;
    return { event: "checkpoint", step: state.step, saved: await checkpoint!.save(state) };
  };
  try {
    while (next && trainer.step < steps) {
      if (signal?.aborted)
        throw new ProsoponError("cancelled", `Training was cancelled after step ${trainer.step}.`, {
          cause: signal.reason,
        });
      const start = Date.now();
      const feeds = await next;
      next = trainer.step + 1 < steps ? fetch(trainer.step + 1) : undefined;
      const { losses, metrics } = await trainer.run(feeds, aborting);
      const seconds = (Date.now() - start) / 1000;
      secondsPerStep = Number.isNaN(secondsPerStep) ? seconds : 0.9 * secondsPerStep + 0.1 * seconds;
      const { step } = trainer;
      yield { event: "step", step, steps, losses, metrics, secondsPerStep, eta: secondsPerStep * (steps - step) };
      if (checkpoint && (step % checkpoint.every === 0 || step === steps)) yield await save();
    }
  } catch (error) {
    failed = !(error instanceof ProsoponError && error.code === "cancelled");
    throw error;
  } finally {
    // A crashed host has no state to save, and a diverged run's is worthless.
    if (checkpoint && !failed && trainer.step > saved) await save();
  }
}

/** The last update may have broken what the next loss would show: such a state must not replace a good one. */
function assertFinite({ step, tensors }: TrainingState): void {
  for (const [name, { data }] of tensors)
    if (data instanceof Float32Array && !data.every(Number.isFinite))
      throw new ProsoponError("bad-input", `"${name}" holds numbers that are not finite after step ${step}.`, {
        values: { name, step },
        mend: "Lower the learning rate or clip the gradients.",
      });
}
