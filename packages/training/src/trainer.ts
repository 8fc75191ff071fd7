import { ProsoponError } from "@prosopon/errors";
import { scalar, type Tensor } from "@prosopon/graph";
import { type Feeds, type Handle, type Host, isHandle, type Session, tensorOf } from "@prosopon/runtime";
import { joinMicro, microBatches } from "./micro-batches.ts";
import { inputOf } from "./output-names.ts";
import { fedTo, runMicroBatches } from "./run-micro-batches.ts";
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
   * joined along the first axis. If it throws, the state is as before, but for `crashed`. Not to be called again before it has ended.
   * @throws `cancelled`, and what the session throws; `bad-input` when a loss is not finite; `crashed` when the state was lost in the middle of an
   * update, as all later calls do.
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
  const sessions: Session[] = [];
  const shut = async () => {
    host.release(...handles.values());
    handles.clear();
    for (const one of sessions) await one[Symbol.asyncDispose]();
  };
  try {
    for (const model of [program.model, ...program.updates]) sessions.push(await host.load({ model }, loading));
    for (const { slot, kind, input } of program.carried)
      handles.set(input, await host.put(pack(slot, kind, options.state.tensors)));
  } catch (error) {
    await shut();
    throw error;
  }
  const [session, ...updates] = sessions as [Session, ...Session[]];
  const keep = program.carried.flatMap(({ output }) => output ?? []);
  /** Why the state is lost, if it is. */
  let broken: unknown;
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

  const assertWhole = () => {
    if (broken === undefined) return;
    throw new ProsoponError(
      "crashed",
      `Step ${counters.step + 1} broke off while it changed the state, which is lost.`,
      {
        values: { step: counters.step + 1 },
        mend: "Go on from the last checkpoint.",
        cause: broken,
      },
    );
  };
  /** Puts what a run gave in the place of what it was given. Gives back, by input name, what goes to other runs. */
  const replace = (outputs: Readonly<Record<string, Tensor | Handle>>): Record<string, Tensor | Handle> => {
    const passed: Record<string, Tensor | Handle> = {};
    for (const [name, value] of Object.entries(outputs)) {
      const input = inputOf(name) ?? name;
      const old = handles.get(input);
      if (old === undefined || !isHandle(value)) passed[input] = value;
      else {
        host.release(old);
        handles.set(input, value);
      }
    }
    return passed;
  };

  return {
    program,
    get step() {
      return counters.step;
    },
    async run(feeds, { signal } = {}) {
      assertWhole();
      const aborting = signal ? { signal } : {};
      const scalars = Object.fromEntries(scalarsNow());
      const present = { ...Object.fromEntries(handles), ...scalars };
      const outputs = await (updates.length === 0
        ? session.run({ ...present, ...feeds }, { keep, ...aborting })
        : runMicroBatches({
            ...{ host, session, state: present, ...aborting },
            batches: program.microBatches === 1 ? [feeds] : microBatches(feeds, program.inputs, program.microBatches),
          }));
      const result = read(outputs);
      const { losses } = result;
      const bad = program.losses.find((loss) => !Number.isFinite(losses[loss]));
      if (bad !== undefined) {
        host.release(...Object.values(outputs).filter(isHandle));
        throw new ProsoponError("bad-input", `The loss "${bad}" is ${losses[bad]} at step ${counters.step + 1}.`, {
          values: { step: counters.step + 1, losses },
          mend: "Lower the learning rate or clip the gradients, and look at the batch.",
        });
      }
      // From here on the state changes: the signal no longer counts.
      const passed = replace(outputs);
      try {
        for (const update of updates) {
          const feeds = fedTo(update, { ...Object.fromEntries(handles), ...scalars, ...passed });
          replace(await update.run(feeds, { keep: update.outputs.map(({ name }) => name) }));
          host.release(...update.inputs.flatMap(({ name }) => passed[name] ?? []).filter(isHandle));
        }
      } catch (error) {
        broken = error;
        assertWhole();
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
      assertWhole();
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
      if (program.microBatches === 1) return read(await session.run({ ...fixed, ...feeds }, aborting));
      const all: Record<string, Tensor>[] = [];
      for (const batch of microBatches(feeds, program.inputs, program.microBatches))
        all.push(await session.run({ ...fixed, ...batch }, aborting));
      return read(
        Object.fromEntries(Object.keys(all[0]!).map((name) => [name, joinMicro(all.map((one) => one[name]!))])),
      );
    },
    async state() {
      assertWhole();
      const at = counters;
      const tensors = new Map<string, Tensor>();
      for (const { slot, kind, input } of program.carried)
        for (const [name, one] of unpack(slot, kind, await host.read(handles.get(input)!))) tensors.set(name, one);
      const { step, optimizerSteps, averageUpdates } = at;
      return { step, optimizerSteps, averageUpdates, tensors };
    },
    async [Symbol.asyncDispose]() {
      await (await judge?.catch(() => undefined))?.[Symbol.asyncDispose]();
      await shut();
    },
  };
}
