import { ProsoponError } from "@prosopon/errors";
import {
  add,
  concat,
  encodeModel,
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
import { clipFactor, emaRate, globalNorm, scope } from "@prosopon/nn";
import { buildLosses, existingScope } from "./build-losses.ts";
import { factorName, gradientName, nextName, normName } from "./output-names.ts";
import { groupSlots, planSlots } from "./plan-slots.ts";
import { piecesOf, type Slot, type SlotKind, stateName } from "./slot.ts";
import type { StepDefinition } from "./step-definition.ts";
import type { Carried, StepProgram } from "./step-program.ts";
import { enterSlot, scalarInput, updateSlots } from "./update-slots.ts";

/**
 * Compiles a training step into one ONNX model. Where it accumulates, or trains more than `updateTogether` numbers, that model only gives gradients, and
 * others move groups of parameters by them.
 * @throws `bad-input` when a loss is missing or no scalar, trains nothing, or claims what another trains, or `accumulate` or `updateTogether` is no
 * positive whole number; `bad-graph` from the graph.
 */
export function compileStep<Loss extends string, Input extends string, Scalar extends string = never>(
  definition: StepDefinition<Loss, Input, Scalar>,
): StepProgram<Loss, Input> {
  // The keys are checked by the type above; inside they are plain names.
  const plain = definition as unknown as StepDefinition;
  const { accumulate: count = 1, recompute } = plain;
  const { updateTogether = recompute || count > 1 ? 2 ** 24 : Number.MAX_SAFE_INTEGER } = plain;
  checkCount(count, `A step cannot accumulate ${count} micro-batches.`, "accumulate");
  checkCount(updateTogether, `${updateTogether} numbers cannot be updated together.`, "updateTogether");
  const draft = graph({ name: plain.name });
  const draftScope = scope(draft);
  const first = buildLosses(plain, draft, draftScope, (name) => draft.parameters.find((value) => value.name === name));
  const parameters = draftScope.parameters;
  const slots = planSlots(plain, parameters.values(), first.losses, first.context.updates);
  const groups = groupSlots(
    slots.filter(({ loss }) => loss !== undefined),
    updateTogether,
  );
  const apart = count > 1 || groups.length > 1;

  const g = graph({ name: plain.name });
  const entered = slots.map((slot) => [slot, enterSlot(g, slot, "weights")] as const);
  const values = new Map(entered.flatMap(([slot, value]) => piecesOf(slot, value)));
  const top = existingScope(g, parameters, values);
  const { context, losses, metrics } = buildLosses(plain, g, top, (name) => values.get(name));

  const carried: Carried[] = [];
  const carry = (slot: Slot, kind: SlotKind, next?: Value) => {
    const name = stateName(kind, slot.name);
    if (next) output(next.graph, nextName(name), next);
    carried.push({ slot, kind, input: name, ...(next ? { output: nextName(name) } : {}) });
  };
  /** What each slot is moved by in `g`, and what its loss multiplies that by to keep its norm within a limit. */
  const flowing = new Map<Slot, Value>();
  const factors = new Map<string, Value>();
  for (const [loss, { clip }] of Object.entries(plain.losses)) {
    output(g, `loss/${loss}`, reshape(losses[loss]!, []));
    const mine = slots.filter((slot) => slot.loss === loss);
    const pieces = mine.flatMap((slot) => slot.pieces.map(({ name }) => values.get(name)!));
    const raw = gradients(losses[loss]!, pieces, recompute ? { recompute } : {});
    let next = 0;
    for (const slot of mine) {
      const parts = slot.pieces.map(({ shape }) => {
        const gradient = raw[next++]!;
        return reshape(gradient, slot.pieces.length > 1 ? [sizeOf(shape)] : slot.shape);
      });
      const whole = concat(parts, 0);
      flowing.set(
        slot,
        count === 1 ? whole : add(input(g, gradientName(slot), "float32", slot.shape), mul(whole, 1 / count)),
      );
    }
    if (clip === undefined) continue;
    const norm = globalNorm(mine.map((slot) => flowing.get(slot)!));
    output(g, normName(loss), norm);
    factors.set(loss, clipFactor(norm, clip));
  }
  const updates = apart ? groups.map((_, n) => graph({ name: `${plain.name}/update-${n}` })) : [];
  if (apart) {
    for (const [slot, gradient] of flowing) output(g, nextName(gradientName(slot)), gradient);
    for (const [loss, factor] of factors) output(g, factorName(loss), factor);
  }
  groups.forEach((group, n) => {
    const u = updates[n] ?? g;
    const gradientOf = (slot: Slot) => {
      const factor = factors.get(slot.loss!);
      const gradient = apart ? input(u, gradientName(slot), "float32", slot.shape) : flowing.get(slot)!;
      return factor ? mul(gradient, apart ? scalarInput(u, factorName(slot.loss!)) : factor) : gradient;
    };
    updateSlots(u, group, plain, gradientOf, carry);
  });
  for (const slot of slots)
    if (slot.loss === undefined) carry(slot, "weights", slot.buffer ? context.updates.get(slot.name) : undefined);
  for (const [name, value] of Object.entries(metrics)) output(g, `metric/${name}`, value);

  return {
    name: plain.name,
    model: encodeModel(lower(g), { parameters: "inputs" }),
    microBatches: count,
    updates: updates.map((u) => encodeModel(lower(u), { parameters: "inputs" })),
    parameters: [...parameters.values()],
    carried,
    inputs: definition.inputs,
    losses: Object.keys(definition.losses) as Loss[],
    metrics: [...Object.keys(metrics), ...Array.from(factors.keys(), (loss) => `gradientNorm/${loss}`)],
    nodes: [g, ...updates].reduce((sum, { nodes }) => sum + nodes.length, 0),
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

function checkCount(value: number, problem: string, name: string): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new ProsoponError("bad-input", problem, {
    values: { [name]: value },
    mend: "It must be a positive whole number.",
  });
}
