import { type Tensor, tensor } from "@prosopon/graph";
import { type Feeds, type Handle, type Host, handleOf, type Session, tensorOf } from "@prosopon/runtime";
import { joinMicro } from "./micro-batches.ts";

export interface AccumulatedRunOptions {
  readonly host: Host;
  /** Adds a micro-batch's gradients to `gradient/<slot>` and moves buffers on. */
  readonly gradients: Session;
  /** Moves parameters, moments and averages by the sums. */
  readonly update: Session;
  /** The state and the scalars, by input name of either session. */
  readonly state: Feeds;
  readonly batches: readonly Feeds[];
  readonly signal?: AbortSignal;
}

const prefix = "next/";
const gradient = "gradient/";

/** The part of `all` that a session takes. */
const fedTo = ({ inputs }: Session, all: Feeds): Feeds =>
  Object.fromEntries(inputs.flatMap(({ name }) => (all[name] ? [[name, all[name]]] : [])));

/**
 * One step over many micro-batches: the outputs that one run of an ordinary step gives, the new state as handles. The old state stays as it is.
 * @throws what the sessions throw; nothing new is left on the host then.
 */
export async function accumulatedRun(options: AccumulatedRunOptions): Promise<Record<string, Tensor | Handle>> {
  const { host, gradients, update, state, batches, signal } = options;
  const aborting = signal ? { signal } : {};
  const following = gradients.outputs.map(({ name }) => name).filter((name) => name.startsWith(prefix));
  /** Sums and buffers on their way, by input name. */
  const moved = new Map<string, Handle>();
  const parts = new Map<string, Tensor[]>();
  const forget = (wanted: (name: string) => boolean) => {
    for (const [name, handle] of moved)
      if (wanted(name)) {
        host.release(handle);
        moved.delete(name);
      }
  };
  try {
    for (const { name, shape } of gradients.inputs)
      if (name.startsWith(gradient)) moved.set(name, await host.put(tensor("float32", shape)));
    for (const batch of batches) {
      const feeds = fedTo(gradients, { ...state, ...Object.fromEntries(moved) });
      const outputs = await gradients.run({ ...feeds, ...batch }, { keep: following, ...aborting });
      forget(() => true);
      for (const name of Object.keys(outputs))
        if (following.includes(name)) moved.set(name.slice(prefix.length), handleOf(outputs, name));
        else parts.set(name, [...(parts.get(name) ?? []), tensorOf(outputs, name)]);
    }
    const keep = update.outputs.map(({ name }) => name).filter((name) => name.startsWith(prefix));
    const updated = await update.run(fedTo(update, { ...state, ...Object.fromEntries(moved) }), { keep, ...aborting });
    forget((name) => name.startsWith(gradient));
    return {
      ...Object.fromEntries(Array.from(parts, ([name, all]) => [name, joinMicro(all)])),
      ...Object.fromEntries(Array.from(moved, ([name, handle]) => [`${prefix}${name}`, handle])),
      ...updated,
    };
  } catch (error) {
    forget(() => true);
    throw error;
  }
}
