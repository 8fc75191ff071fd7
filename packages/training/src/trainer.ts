import { ProsoponError } from "@prosopon/errors";
import { scalar, type Tensor } from "@prosopon/graph";
import { type Feeds, type Handle, type Host, handleOf, type Session, tensorOf } from "@prosopon/runtime";
import { accumulatedRun } from "./accumulated-run.ts";
import { joinMicro, microBatches } from "./micro-batches.ts";
import { pack, unpack } from "./slot.ts";
import type { Counters, StepProgram } from "./step-program.ts";
import type { TrainingState } from "./training-state.ts";

/** What one step gave. */
export interface StepResult<Loss extends string = string> {
  readonly losses: Readonly<Record<Loss, number>>;
  readonly metrics: Readonly<Record<string, Tensor>>;
}

/** A program with a state that lives on a host. */
export interface Trainer<Loss extends string = string, Input extends string = string> extends AsyncDisposable {
  readonly program: StepProgram<Loss, Input>;
  /** Steps done. */
  readonly step: number;
  /**
   * One step on a batch, that of all micro-batches where they are accumulated: their losses and metrics of one number are averaged, other metrics
   * joined along the first axis. If it throws, the state is as before. Not to be called again before it has ended.
   * @throws `cancelled`, and what the session throws; `bad-input` when a loss is not finite.
   */
  run(feeds: Feeds, options?: { readonly signal?: AbortSignal }): Promise<StepResult<Loss>>;
  /**
   * Losses and metrics of a batch at the present weights, which stay as they are; `averages` takes the averaged parameters in their place.
   * Batch normalisation in its training form uses the statistics of this batch.
   */
  evaluate(
    feeds: Feeds,
    options?: { readonly averages?: boolean; readonly signal?: AbortSignal },
  ): Promise<StepResult<Loss>>;
  /** A copy of the state. */
  state(): Promise<TrainingState>;
}

export interface TrainerOptions<Loss extends string, Input extends string> {
  readonly host: Host;
  readonly program: StepProgram<Loss, Input>;
  /** From `initialState` or a checkpoint. */
  readonly state: TrainingState;
  readonly signal?: AbortSignal;
}

/**
 * Loads a step on a host and moves the state there, where it stays: a step reads back only losses and metrics.
 * @throws `not-found` or `bad-input` when the state is not of this program.
 */
export async function createTrainer<Loss extends string, Input extends string>(
  options: TrainerOptions<Loss, Input>,
): Promise<Trainer<Loss, Input>> {
  const { host, program } = options;
  const handles = new Map<string, Handle>();
  const loading = options.signal ? { signal: options.signal } : {};
  const session = await host.load({ model: program.model }, loading);
  const { accumulation } = program;
  let update: Session | undefined;
  try {
    if (accumulation) update = await host.load({ model: accumulation.update }, loading);
    for (const { slot, kind, input } of program.carried)
      handles.set(input, await host.put(pack(slot, kind, options.state.tensors)));
  } catch (error) {
    host.release(...handles.values());
    await update?.[Symbol.asyncDispose]();
    await session[Symbol.asyncDispose]();
    throw error;
  }
  const moving = program.carried.flatMap(({ input, output }) => (output === undefined ? [] : [{ input, output }]));
  const keep = moving.map(({ output }) => output);
  let counters: Counters = options.state;
  let judge: Promise<Session> | undefined;
  const scalarsNow = () =>
    Object.entries(program.scalars(counters)).map(([name, value]) => [name, scalar(value)] as const);
  const read = (outputs: Readonly<Record<string, Tensor | Handle>>): StepResult<Loss> => ({
    losses: Object.fromEntries(
      program.losses.map((loss) => [loss, Number(tensorOf(outputs, `loss/${loss}`).data[0])]),
    ) as Record<Loss, number>,
    metrics: Object.fromEntries(
      program.metrics.flatMap((name) =>
        `metric/${name}` in outputs ? [[name, tensorOf(outputs, `metric/${name}`)] as const] : [],
      ),
    ),
  });

  return {
    program,
    get step() {
      return counters.step;
    },
    async run(feeds, { signal } = {}) {
      const aborting = signal ? { signal } : {};
      const present = { ...Object.fromEntries(handles), ...Object.fromEntries(scalarsNow()) };
      const outputs = await (update && accumulation
        ? accumulatedRun({
            ...{ host, gradients: session, update, state: present, ...aborting },
            batches: microBatches(feeds, program.inputs, accumulation.count),
          })
        : session.run({ ...present, ...feeds }, { keep, ...aborting }));
      const result = read(outputs);
      const { losses } = result;
      const bad = program.losses.find((loss) => !Number.isFinite(losses[loss]));
      if (bad !== undefined) {
        host.release(...keep.map((name) => handleOf(outputs, name)));
        throw new ProsoponError("bad-input", `The loss "${bad}" is ${losses[bad]} at step ${counters.step + 1}.`, {
          values: { step: counters.step + 1, losses },
          mend: "Lower the learning rate or clip the gradients, and look at the batch.",
        });
      }
      for (const { input, output } of moving) {
        host.release(handles.get(input)!);
        handles.set(input, handleOf(outputs, output));
      }
      counters = {
        step: counters.step + 1,
        optimizerSteps: Object.fromEntries(
          program.losses.map((loss) => [loss, (counters.optimizerSteps[loss] ?? 0) + 1]),
        ),
        averageUpdates: counters.averageUpdates + 1,
      };
      return result;
    },
    async evaluate(feeds, { averages = false, signal } = {}) {
      const aborting = signal ? { signal } : {};
      judge ??= host.load({ model: program.evaluation() }, aborting);
      const loading = judge;
      const session = await loading.catch((error: unknown) => {
        judge = undefined;
        throw error;
      });
      const weights = program.carried.flatMap(({ slot, kind, input }) => {
        if (kind !== "weights") return [];
        const shadow = averages ? handles.get(`averages/${slot.name}`) : undefined;
        return [[input, shadow ?? handles.get(input)!] as const];
      });
      const scalars = scalarsNow().filter(([name]) => name.startsWith("schedule/"));
      const fixed = Object.fromEntries([...weights, ...scalars]);
      if (!accumulation) return read(await session.run({ ...fixed, ...feeds }, aborting));
      const all: Record<string, Tensor>[] = [];
      for (const batch of microBatches(feeds, program.inputs, accumulation.count))
        all.push(await session.run({ ...fixed, ...batch }, aborting));
      return read(
        Object.fromEntries(Object.keys(all[0]!).map((name) => [name, joinMicro(all.map((one) => one[name]!))])),
      );
    },
    async state() {
      const at = counters;
      const tensors = new Map<string, Tensor>();
      for (const { slot, kind, input } of program.carried)
        for (const [name, one] of unpack(slot, kind, await host.read(handles.get(input)!))) tensors.set(name, one);
      const { step, optimizerSteps, averageUpdates } = at;
      return { step, optimizerSteps, averageUpdates, tensors };
    },
    async [Symbol.asyncDispose]() {
      host.release(...handles.values());
      handles.clear();
      await (await judge?.catch(() => undefined))?.[Symbol.asyncDispose]();
      await update?.[Symbol.asyncDispose]();
      await session[Symbol.asyncDispose]();
    },
  };
}
