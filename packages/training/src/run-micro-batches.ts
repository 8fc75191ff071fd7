import { type Tensor, tensor } from "@prosopon/graph";
import { type Feeds, type Handle, type Host, isHandle, type Session, tensorOf } from "@prosopon/runtime";
import { joinMicro } from "./micro-batches.ts";
import { inputOf, lastCounts, nextName } from "./output-names.ts";

export interface MicroBatchesRun {
  readonly host: Host;
  /** Gives gradients, adds them to former ones where it takes those, and moves buffers on. */
  readonly session: Session;
  /** The weights and scalars, by input name. They stay as they are. */
  readonly state: Feeds;
  readonly batches: readonly Feeds[];
  readonly signal?: AbortSignal;
}

/**
 * The gradients of all micro-batches and what else the session gives: tensors of one number averaged, others joined, the new buffers and gradients as
 * handles.
 * @throws what the session throws; nothing new is left on the host then.
 */
export async function runMicroBatches(options: MicroBatchesRun): Promise<Record<string, Tensor | Handle>> {
  const { host, session, state, batches, signal } = options;
  const keep = session.outputs.flatMap(({ name }) => (inputOf(name) === undefined ? [] : [name]));
  /** What one micro-batch hands to the next, by input name. */
  const moved = new Map<string, Handle>();
  const parts = new Map<string, Tensor[]>();
  const forget = () => {
    host.release(...moved.values());
    moved.clear();
  };
  try {
    for (const { name, shape } of session.inputs)
      if (keep.includes(nextName(name)) && !state[name]) moved.set(name, await host.put(tensor("float32", shape)));
    for (const batch of batches) {
      const feeds = { ...fedTo(session, { ...state, ...Object.fromEntries(moved) }), ...batch };
      const outputs = await session.run(feeds, { keep, ...(signal ? { signal } : {}) });
      forget();
      for (const [name, value] of Object.entries(outputs))
        if (isHandle(value)) moved.set(inputOf(name)!, value);
        else parts.set(name, [...((lastCounts(name) ? undefined : parts.get(name)) ?? []), tensorOf(outputs, name)]);
    }
  } catch (error) {
    forget();
    throw error;
  }
  return {
    ...Object.fromEntries(Array.from(parts, ([name, all]) => [name, joinMicro(all)])),
    ...Object.fromEntries(Array.from(moved, ([name, handle]) => [nextName(name), handle])),
  };
}

/** The part of `all` that a session takes. */
export const fedTo = ({ inputs }: Session, all: Feeds): Feeds =>
  Object.fromEntries(inputs.flatMap(({ name }) => (all[name] ? [[name, all[name]]] : [])));
