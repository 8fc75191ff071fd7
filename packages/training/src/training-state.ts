import { type Tensor, tensor } from "@prosopon/graph";
import { initialize } from "@prosopon/nn";
import type { Seed } from "@prosopon/random";
import { stateName } from "./slot.ts";
import type { Counters, StepProgram } from "./step-program.ts";

/** Everything that a run needs to go on as if it had never stopped, apart from its data and its seed. */
export interface TrainingState extends Counters {
  /**
   * `weights/<parameter>`, `averages/<parameter>` and, for each of the optimizer's states, `<state>/<parameter>`, such as
   * `exp_avg/conv.weight`.
   */
  readonly tensors: ReadonlyMap<string, Tensor>;
}

export interface InitialStateOptions {
  /** Draws the parameters that `weights` does not give. */
  readonly seed: Seed;
  /** Loaded parameters by name. Names that the model does not have are passed over. */
  readonly weights?: ReadonlyMap<string, Tensor>;
}

/** The state before the first step: averages equal the weights, optimizer states are zero. */
export function initialState(program: StepProgram, { seed, weights }: InitialStateOptions): TrainingState {
  const drawn = initialize(
    program.parameters.filter(({ name }) => !weights?.has(name)),
    seed,
  );
  const tensors = new Map<string, Tensor>();
  for (const { slot, kind } of program.carried)
    for (const { name, dtype, shape } of slot.pieces)
      tensors.set(
        stateName(kind, name),
        kind === "weights" || kind === "averages" ? (weights?.get(name) ?? drawn.get(name)!) : tensor(dtype, shape),
      );
  return { step: 0, optimizerSteps: {}, averageUpdates: 0, tensors };
}

const named = (tensors: ReadonlyMap<string, Tensor>, kind: string): readonly (readonly [string, Tensor])[] =>
  [...tensors].flatMap(([name, one]) =>
    name.startsWith(`${kind}/`) ? [[name.slice(kind.length + 1), one] as const] : [],
  );

/** The parameters of a state by their names. */
export const weightsOf = (state: TrainingState): Map<string, Tensor> => new Map(named(state.tensors, "weights"));

/** The same with averages in place of the parameters that have one. */
export const averagesOf = (state: TrainingState): Map<string, Tensor> =>
  new Map([...named(state.tensors, "weights"), ...named(state.tensors, "averages")]);
