import { ProsoponError } from "@prosopon/errors";
import {
  concat,
  encodeModel,
  type Graph,
  gradients,
  graph,
  input,
  lower,
  output,
  reshape,
  sizeOf,
  type Value,
} from "@prosopon/graph";
import { clipByGlobalNorm, ema, emaRate, type ParameterSpec, type Scope, scope } from "@prosopon/nn";
import { planSlots } from "./plan-slots.ts";
import { piecesOf, type Slot, type SlotKind } from "./slot.ts";
import type { InputSpecification, StepContext, StepDefinition } from "./step-definition.ts";

/** How often things were updated before; see `TrainingState`. */
export interface Counters {
  /** Steps done. */
  readonly step: number;
  /** Optimizer steps done, by loss. */
  readonly optimizerSteps: Readonly<Record<string, number>>;
  /** Updates of the averages done. */
  readonly averageUpdates: number;
}

/** A tensor that goes from step to step: what the model calls it when it comes and (unless it is frozen) when it leaves. */
export interface Carried {
  readonly slot: Slot;
  readonly kind: SlotKind;
  readonly input: string;
  readonly output?: string;
}

/** A step as an ONNX model: forward pass, gradients and the updates of parameters, optimizer states, buffers and averages. */
export interface StepProgram<Loss extends string = string, Input extends string = string> {
  readonly name: string;
  readonly model: Uint8Array;
  readonly parameters: readonly ParameterSpec[];
  readonly carried: readonly Carried[];
  readonly inputs: Readonly<Record<Input, InputSpecification>>;
  readonly losses: readonly Loss[];
  /** Names of the other values that a step reads back; `gradientNorm/<loss>` for every loss that clips. */
  readonly metrics: readonly string[];
  /** Number of nodes before the runtime optimises them. */
  readonly nodes: number;
  /** The same losses and metrics without gradients and updates, of the weights alone: for validation. Encoded when it is asked for. */
  evaluation(): Uint8Array;
  /** The scalars that the next step is fed with. */
  scalars(counters: Counters): Readonly<Record<string, number>>;
}

interface Built {
  readonly context: StepContext;
  readonly losses: Readonly<Record<string, Value>>;
  readonly metrics: Readonly<Record<string, Value>>;
}

function build(definition: StepDefinition, g: Graph, top: Scope, find: (name: string) => Value | undefined): Built {
  const declared = (specifications: Readonly<Record<string, InputSpecification>>) =>
    Object.fromEntries(
      Object.entries(specifications).map(([name, { dtype = "float32", shape }]) => [
        name,
        input(g, name, dtype, shape),
      ]),
    );
  const scalars = Object.keys(definition.schedules ?? {}).map((name) => [name, scalarInput(g, `schedule/${name}`)]);
  const context: StepContext = {
    graph: g,
    scope: top,
    inputs: declared(definition.inputs),
    scalars: Object.fromEntries(scalars),
    updates: new Map(),
    parameter(name) {
      const found = find(name);
      if (found) return found;
      throw new ProsoponError("not-found", `Step "${definition.name}" has no parameter "${name}" yet.`, {
        values: { name },
      });
    },
  };
  const { losses, metrics = {} } = definition.build(context);
  for (const loss of Object.keys(definition.losses)) {
    const value = losses[loss];
    if (!value || sizeOf(value.shape) !== 1)
      throw new ProsoponError(
        "bad-input",
        `The loss "${loss}" of step "${definition.name}" is ${value ? `[${value.shape}], not a scalar` : "not built"}.`,
        { values: { loss } },
      );
  }
  return { context, losses, metrics };
}

const scalarInput = (g: Graph, name: string): Value => input(g, name, "float32", []);

/** A scope over values that exist already. */
function existingScope(
  g: Graph,
  parameters: ReadonlyMap<string, ParameterSpec>,
  values: ReadonlyMap<string, Value>,
  prefix = "",
): Scope {
  return {
    graph: g,
    prefix,
    parameters,
    at: (name) => existingScope(g, parameters, values, prefix ? `${prefix}.${name}` : `${name}`),
    parameter(local) {
      const name = prefix ? `${prefix}.${local}` : local;
      const found = values.get(name);
      if (found) return found;
      throw new ProsoponError("bad-graph", `"${name}" was not declared when the step was built for the first time.`, {
        values: { name },
        mend: "build() must build the same each time.",
      });
    },
  };
}

/**
 * Compiles a training step into one ONNX model.
 * @throws `bad-input` when a loss is missing or no scalar, trains nothing, or claims what another trains; `bad-graph` from the graph.
 */
export function compileStep<Loss extends string, Input extends string, Scalar extends string = never>(
  definition: StepDefinition<Loss, Input, Scalar>,
): StepProgram<Loss, Input> {
  // The keys are checked by the type above; inside they are plain names.
  const plain = definition as unknown as StepDefinition;
  const draft = graph({ name: plain.name });
  const draftScope = scope(draft);
  const first = build(plain, draft, draftScope, (name) => draft.parameters.find((value) => value.name === name));
  const parameters = draftScope.parameters;
  const slots = planSlots(plain, parameters.values(), first.losses, first.context.updates);

  const g = graph({ name: plain.name });
  const entering = new Map(
    slots.map((slot) => [slot, slot.kinds.map((kind) => input(g, `${kind}/${slot.name}`, slot.dtype, slot.shape))]),
  );
  const values = new Map(slots.flatMap((slot) => piecesOf(slot, entering.get(slot)![0]!)));
  const top = existingScope(g, parameters, values);
  const { context, losses, metrics } = build(plain, g, top, (name) => values.get(name));

  const carried: Carried[] = [];
  const carry = (slot: Slot, kind: SlotKind, next?: Value) => {
    const name = `${kind}/${slot.name}`;
    if (next) output(g, `next/${name}`, next);
    carried.push({ slot, kind, input: name, ...(next ? { output: `next/${name}` } : {}) });
  };
  const rate = plain.average ? scalarInput(g, "average/rate") : undefined;
  const norms: string[] = [];
  for (const [loss, options] of Object.entries(plain.losses)) {
    output(g, `loss/${loss}`, reshape(losses[loss]!, []));
    const mine = slots.filter((slot) => slot.loss === loss);
    const pieces = mine.flatMap((slot) => slot.pieces.map(({ name }) => values.get(name)!));
    const raw = gradients(losses[loss]!, pieces);
    let next = 0;
    let flowing = mine.map((slot) => {
      const parts = slot.pieces.map(({ shape }) => {
        const gradient = raw[next++]!;
        return slot.pieces.length > 1 ? reshape(gradient, [sizeOf(shape)]) : gradient;
      });
      return concat(parts, 0);
    });
    if (options.clip !== undefined) {
      const clipped = clipByGlobalNorm(flowing, options.clip);
      flowing = [...clipped.gradients];
      norms.push(`gradientNorm/${loss}`);
      output(g, `metric/gradientNorm/${loss}`, clipped.norm);
    }
    const { optimizer } = options;
    const scalars = Object.fromEntries(
      Object.keys(optimizer.scalars(1, 1)).map((name) => [name, scalarInput(g, `optimizer/${loss}/${name}`)]),
    );
    mine.forEach((slot, i) => {
      const [parameter, ...state] = entering.get(slot)!;
      const updated = optimizer.update({
        parameter: parameter!,
        gradient: flowing[i]!,
        state: Object.fromEntries(optimizer.state.map((name, k) => [name, state[k]!])),
        scalars,
      });
      carry(slot, "weights", updated.parameter);
      for (const name of optimizer.state) carry(slot, name, updated.state[name]!);
      if (slot.kinds.includes("averages"))
        carry(slot, "averages", ema(state[optimizer.state.length]!, updated.parameter, rate!));
    });
  }
  for (const slot of slots)
    if (slot.loss === undefined) carry(slot, "weights", slot.buffer ? context.updates.get(slot.name) : undefined);
  for (const [name, value] of Object.entries(metrics)) output(g, `metric/${name}`, value);

  return {
    name: plain.name,
    model: encodeModel(lower(g), { parameters: "inputs" }),
    parameters: [...parameters.values()],
    carried,
    inputs: definition.inputs,
    losses: Object.keys(definition.losses) as Loss[],
    metrics: [...Object.keys(metrics), ...norms],
    nodes: g.nodes.length,
    evaluation: () => {
      const judged = ["loss/", ...Object.keys(metrics).map((name) => `metric/${name}`)];
      const fed = ["weights/", "schedule/"];
      return encodeModel(
        lower({
          ...g,
          inputs: g.inputs.filter(({ name }) => name in plain.inputs || fed.some((start) => name.startsWith(start))),
          outputs: new Map([...g.outputs].filter(([name]) => judged.some((start) => name.startsWith(start)))),
        }),
      );
    },
    scalars: ({ step, optimizerSteps, averageUpdates }) => ({
      ...Object.fromEntries(
        Object.entries(plain.schedules ?? {}).map(([name, schedule]) => [`schedule/${name}`, schedule(step)]),
      ),
      ...Object.fromEntries(
        Object.entries(plain.losses).flatMap(([loss, { optimizer, learningRate }]) =>
          Object.entries(optimizer.scalars((optimizerSteps[loss] ?? 0) + 1, learningRate(step))).map(
            ([name, value]) => [`optimizer/${loss}/${name}`, value],
          ),
        ),
      ),
      ...(plain.average ? { "average/rate": emaRate(averageUpdates + 1, plain.average.decay) } : {}),
    }),
  };
}
