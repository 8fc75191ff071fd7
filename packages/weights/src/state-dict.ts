import { ProsoponError } from "@prosopon/errors";
import {
  isPickleDict,
  isPickleList,
  isTensorReference,
  type PickleValue,
  type TensorReference,
} from "./pickle-value.ts";

type Dict = ReadonlyMap<PickleValue, PickleValue>;

function tensorsOf(value: PickleValue | undefined): Map<string, TensorReference> {
  const found = new Map<string, TensorReference>();
  if (isPickleDict(value))
    for (const [name, entry] of value) if (typeof name === "string" && isTensorReference(entry)) found.set(name, entry);
  return found;
}

/**
 * The tensors of a model in a checkpoint: those of its entry `state_dict`, else its own, else those of `model` or
 * `model_state_dict`.
 * @throws `bad-file` when there are none.
 */
export function stateDictOf(top: PickleValue): {
  readonly top: Dict;
  readonly tensors: ReadonlyMap<string, TensorReference>;
} {
  if (!isPickleDict(top))
    throw new ProsoponError("bad-file", "The checkpoint is not a dictionary, so it holds no state_dict.");
  const places = top.has("state_dict") ? [top.get("state_dict")] : [top, top.get("model"), top.get("model_state_dict")];
  const tensors = places.map(tensorsOf).find((found) => found.size > 0);
  if (tensors !== undefined) return { top, tensors };
  const keys = [...top.keys()].filter((key) => typeof key === "string").slice(0, 20);
  throw new ProsoponError(
    "bad-file",
    `The checkpoint holds no tensors in a state_dict. Its keys are: ${keys.join(", ") || "none"}.`,
    {
      values: { keys },
    },
  );
}

/**
 * Optimizer states of a Lightning checkpoint by the name `optimizer.<index>.<parameter index>.<entry>`, such as
 * `optimizer.0.12.exp_avg`. A counter that is a Python integer (before PyTorch 1.12) is given as that number.
 */
export function optimizerEntries(top: Dict): ReadonlyMap<string, TensorReference | number> {
  const found = new Map<string, TensorReference | number>();
  const optimizers = top.get("optimizer_states");
  for (const [index, optimizer] of isPickleList(optimizers) ? optimizers.entries() : []) {
    const state = isPickleDict(optimizer) ? optimizer.get("state") : undefined;
    for (const [parameter, entries] of isPickleDict(state) ? state : [])
      for (const [name, value] of typeof parameter === "number" && isPickleDict(entries) ? entries : [])
        if (
          typeof name === "string" &&
          (isTensorReference(value) || (typeof value === "number" && Number.isSafeInteger(value)))
        )
          found.set(`optimizer.${index}.${parameter}.${name}`, value);
  }
  return found;
}
