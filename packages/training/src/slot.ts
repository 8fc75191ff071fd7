import { ProsoponError } from "@prosopon/errors";
import { type DType, reshape, sizeOf, split, type Tensor, tensor, type Value } from "@prosopon/graph";
import type { ParameterSpec } from "@prosopon/nn";

/** What a slot holds of each of its parameters: `weights`, `averages`, or the name of an optimizer's state. */
export type SlotKind = "weights" | "averages" | (string & {});

/** Parameters that travel together: one, or many of one loss as a flat vector. */
export interface Slot {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly pieces: readonly ParameterSpec[];
  /** The loss that trains it. */
  readonly loss?: string;
  /** Whether the step's graph itself computes its next value. */
  readonly buffer: boolean;
  /** What is kept of it; `weights` first. */
  readonly kinds: readonly SlotKind[];
}

/** Name of a tensor in a training state, and of a slot among a model's inputs. */
export const stateName = (kind: SlotKind, parameter: string): string => `${kind}/${parameter}`;

/** The parameters in a slot's value, by name. */
export function piecesOf(slot: Slot, value: Value): readonly (readonly [string, Value])[] {
  if (slot.pieces.length === 1) return [[slot.pieces[0]!.name, reshape(value, slot.pieces[0]!.shape)]];
  const parts = split(
    value,
    slot.pieces.map(({ shape }) => sizeOf(shape)),
    0,
  );
  return slot.pieces.map(({ name, shape }, i) => [name, reshape(parts[i]!, shape)]);
}

/** The tensor of a slot, from those of a state. @throws `not-found` or `bad-input` for one that is absent or does not fit. */
export function pack(slot: Slot, kind: SlotKind, tensors: ReadonlyMap<string, Tensor>): Tensor {
  const found = slot.pieces.map(({ name, dtype, shape }) => {
    const key = stateName(kind, name);
    const one = tensors.get(key);
    if (!one)
      throw new ProsoponError("not-found", `The training state has no tensor "${key}".`, {
        values: { key },
        mend: "It was saved by another model or optimizer.",
      });
    if (one.dtype !== dtype || `${one.shape}` !== `${shape}`)
      throw new ProsoponError(
        "bad-input",
        `"${key}" is ${one.dtype} [${one.shape}] in the training state; the model wants ${dtype} [${shape}].`,
        { values: { key, given: one.shape, wanted: shape } },
      );
    return one;
  });
  if (found.length === 1) return tensor(slot.dtype, slot.shape, found[0]!.data);
  const data = new Float32Array(sizeOf(slot.shape));
  let offset = 0;
  for (const one of found) {
    data.set(one.data as Float32Array, offset);
    offset += one.data.length;
  }
  return tensor("float32", slot.shape, data);
}

/** The tensors in a slot's tensor, by their names in a state. They share its memory. */
export function unpack(slot: Slot, kind: SlotKind, packed: Tensor): readonly (readonly [string, Tensor])[] {
  let offset = 0;
  return slot.pieces.map(({ name, dtype, shape }) => {
    const start = offset;
    offset += sizeOf(shape);
    return [stateName(kind, name), { dtype, shape, data: packed.data.subarray(start, offset) } as Tensor];
  });
}
