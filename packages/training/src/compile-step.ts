import { ProsoponError } from "@prosopon/errors";
import {
  add,
  concat,
  encodeModel,
  type Graph,
  gradients,
  graph,
  input,
  lower,
  mul,
  output,
  reshape,
  sizeOf,
  type Value,
} from "@prosopon/graph";
import { clipByGlobalNorm, ema, emaRate, scope } from "@prosopon/nn";
import { buildLosses, existingScope, scalarInput } from "./build-losses.ts";
import { planSlots } from "./plan-slots.ts";
import { piecesOf, type Slot, type SlotKind } from "./slot.ts";
import type { StepDefinition } from "./step-definition.ts";
import type { Carried, StepProgram } from "./step-program.ts";

/**
 * Compiles a training step into one ONNX model, or with `accumulate` into one that adds up gradients and one that uses them.
 * @throws `bad-input` when a loss is missing or no scalar, trains nothing, or claims what another trains, or `accumulate` is no
 * positive whole number; `bad-graph` from the graph.
 */
export function compileStep<Loss extends string, Input extends string, Scalar extends string = never>(
  definition: StepDefinition<Loss, Input, Scalar>,
): StepProgram<Loss, Input> {
  // The keys are checked by the type above; inside they are plain names.
  const plain = definition as unknown as StepDefinition;
  const { accumulate: count = 1 } = plain;
  if (!Number.isInteger(count) || count < 1)
    throw new ProsoponError("bad-input", `A step cannot accumulate ${count} micro-batches.`, {
      values: { accumulate: count },
      mend: "It must be a positive whole number.",
    });
  const draft = graph({ name: plain.name });
  const draftScope = scope(draft);
  const first = buildLosses(plain, draft, draftScope, (name) => draft.parameters.find((value) => value.name === name));
  const parameters = draftScope.parameters;
  const slots = planSlots(plain, parameters.values(), first.losses, first.context.updates);

  const g = graph({ name: plain.name });
  // Where parameters are updated: in the same graph, or in one that is run after the last micro-batch.
  const u = count === 1 ? g : graph({ name: `${plain.name}/update` });
  const enter = (to: Graph, slot: Slot, kind: SlotKind) => input(to, `${kind}/${slot.name}`, slot.dtype, slot.shape);
  const entering = new Map(
    slots.map((slot) => [slot, slot.kinds.slice(0, u === g ? undefined : 1).map((kind) => enter(g, slot, kind))]),
  );
  const values = new Map(slots.flatMap((slot) => piecesOf(slot, entering.get(slot)![0]!)));
  const top = existingScope(g, parameters, values);
  const { context, losses, metrics } = buildLosses(plain, g, top, (name) => values.get(name));

  const carried: Carried[] = [];
  const carry = (slot: Slot, kind: SlotKind, next?: Value) => {
    const name = `${kind}/${slot.name}`;
    if (next) output(next.graph, `next/${name}`, next);
    carried.push({ slot, kind, input: name, ...(next ? { output: `next/${name}` } : {}) });
  };
  const rate = plain.average ? scalarInput(u, "average/rate") : undefined;
  const norms: string[] = [];
  for (const [loss, options] of Object.entries(plain.losses)) {
    output(g, `loss/${loss}`, reshape(losses[loss]!, []));
    const mine = slots.filter((slot) => slot.loss === loss);
    const pieces = mine.flatMap((slot) => slot.pieces.map(({ name }) => values.get(name)!));
    const raw = gradients(losses[loss]!, pieces, plain.recompute ? { recompute: plain.recompute } : {});
    let next = 0;
    let flowing = mine.map((slot) => {
      const parts = slot.pieces.map(({ shape }) => {
        const gradient = raw[next++]!;
        return reshape(gradient, slot.pieces.length > 1 ? [sizeOf(shape)] : slot.shape);
      });
      const whole = concat(parts, 0);
      if (u === g) return whole;
      const name = `gradient/${slot.name}`;
      output(g, `next/${name}`, add(input(g, name, "float32", slot.shape), mul(whole, 1 / count)));
      return input(u, name, "float32", slot.shape);
    });
    if (options.clip !== undefined) {
      const clipped = clipByGlobalNorm(flowing, options.clip);
      flowing = [...clipped.gradients];
      norms.push(`gradientNorm/${loss}`);
      output(u, `metric/gradientNorm/${loss}`, clipped.norm);
    }
    const { optimizer } = options;
    const scalars = Object.fromEntries(
      Object.keys(optimizer.scalars(1, 1)).map((name) => [name, scalarInput(u, `optimizer/${loss}/${name}`)]),
    );
    mine.forEach((slot, i) => {
      const [parameter, ...state] = u === g ? entering.get(slot)! : slot.kinds.map((kind) => enter(u, slot, kind));
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
    ...(u === g ? {} : { accumulation: { count, update: encodeModel(lower(u), { parameters: "inputs" }) } }),
    parameters: [...parameters.values()],
    carried,
    inputs: definition.inputs,
    losses: Object.keys(definition.losses) as Loss[],
    metrics: [...Object.keys(metrics), ...norms],
    nodes: g.nodes.length + (u === g ? 0 : u.nodes.length),
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
