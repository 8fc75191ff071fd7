import { type Graph, input, type Value } from "@prosopon/graph";
import { ema } from "@prosopon/nn";
import { type Slot, type SlotKind, stateName } from "./slot.ts";
import type { StepDefinition } from "./step-definition.ts";

/** An input of `g`, made at its first use. */
const entering = (g: Graph, name: string, shape: readonly number[], dtype: Slot["dtype"] = "float32"): Value =>
  g.inputs.find((value) => value.name === name) ?? input(g, name, dtype, shape);

export const scalarInput = (g: Graph, name: string): Value => entering(g, name, []);

/** What a step is given of a slot. */
export const enterSlot = (g: Graph, slot: Slot, kind: SlotKind): Value =>
  entering(g, stateName(kind, slot.name), slot.shape, slot.dtype);

/** Builds the next values of trained slots: calls `carry` with each of them. */
export function updateSlots(
  g: Graph,
  slots: readonly Slot[],
  { losses, average }: Pick<StepDefinition, "losses" | "average">,
  gradientOf: (slot: Slot) => Value,
  carry: (slot: Slot, kind: SlotKind, next: Value) => void,
): void {
  for (const slot of slots) {
    const { optimizer } = losses[slot.loss!]!;
    const { parameter, state } = optimizer.update({
      parameter: enterSlot(g, slot, "weights"),
      gradient: gradientOf(slot),
      state: Object.fromEntries(optimizer.state.map((name) => [name, enterSlot(g, slot, name)])),
      scalars: Object.fromEntries(
        Object.keys(optimizer.scalars(1, 1)).map((name) => [name, scalarInput(g, `optimizer/${slot.loss}/${name}`)]),
      ),
    });
    carry(slot, "weights", parameter);
    for (const name of optimizer.state) carry(slot, name, state[name]!);
    if (average && slot.kinds.includes("averages"))
      carry(slot, "averages", ema(enterSlot(g, slot, "averages"), parameter, scalarInput(g, "average/rate")));
  }
}
