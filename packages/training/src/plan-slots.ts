import { ProsoponError } from "@prosopon/errors";
import { sizeOf, type Value } from "@prosopon/graph";
import { isRunningStatistic, type ParameterSpec } from "@prosopon/nn";
import type { Slot, SlotKind } from "./slot.ts";
import type { StepDefinition } from "./step-definition.ts";

/**
 * Numbers in a vector: many enough that calls and copies do not count, few enough that an update's passes find them in the cache and
 * that a gradient need not wait long for the others of its vector.
 */
const longestVector = 2 ** 19;

/** Names of the graph's inputs and parameters that a value may have a gradient to. */
function sourcesOf(value: Value): ReadonlySet<string> {
  const seen = new Set<Value>([value]);
  const open = [value];
  const names = new Set<string>();
  for (let next = open.pop(); next; next = open.pop()) {
    const node = next.graph.producers.get(next);
    if (!node) names.add(next.name);
    if (node?.op === "StopGradient") continue;
    for (const from of node?.inputs ?? [])
      if (from && !seen.has(from)) {
        seen.add(from);
        open.push(from);
      }
  }
  return names;
}

/**
 * Decides how the parameters of a step travel: which loss trains each, which are buffers, which are averaged, which go together.
 * @throws `bad-input` when two losses claim one parameter or a loss trains none.
 */
export function planSlots(
  definition: StepDefinition,
  parameters: Iterable<ParameterSpec>,
  losses: Readonly<Record<string, Value>>,
  buffers: ReadonlyMap<string, Value>,
): readonly Slot[] {
  const { average } = definition;
  const reached = Object.entries(definition.losses).map(([loss, options]) => ({
    loss,
    options,
    sources: sourcesOf(losses[loss]!),
  }));
  const trainedBy = ({ name, dtype }: ParameterSpec) => {
    const claims = reached.filter(
      ({ options, sources }) =>
        dtype === "float32" &&
        !buffers.has(name) &&
        !isRunningStatistic(name) &&
        sources.has(name) &&
        options.parameters(name),
    );
    const [first, second] = claims;
    if (first && second)
      throw new ProsoponError("bad-input", `The losses "${first.loss}" and "${second.loss}" both train "${name}".`, {
        values: { parameter: name, losses: claims.map((claim) => claim.loss) },
        mend: "Narrow the `parameters` filter of one of them.",
      });
    return first;
  };
  const claimed = Array.from(parameters, (specification) => ({ specification, first: trainedBy(specification) }));
  /** Which vector of its kind each parameter goes into, and how much is in the last one. */
  const filling = new Map<string, { vector: number; numbers: number }>();
  const vectorOf = (kind: string, size: number): string => {
    const last = filling.get(kind) ?? { vector: 0, numbers: 0 };
    filling.set(kind, last);
    if (last.numbers > 0 && last.numbers + size > longestVector)
      Object.assign(last, { vector: last.vector + 1, numbers: 0 });
    last.numbers += size;
    return `${kind}/${last.vector}`;
  };
  type Group = { base: Omit<Slot, "name" | "shape" | "pieces">; together: boolean; pieces: ParameterSpec[] };
  const groups = new Map<string, Group>();
  for (const { specification, first } of claimed) {
    const { name, dtype } = specification;
    const averaged = first !== undefined && average !== undefined && (average.parameters?.(name) ?? true);
    const kinds: SlotKind[] = ["weights", ...(first?.options.optimizer.state ?? []), ...(averaged ? ["averages"] : [])];
    const together = first !== undefined && definition.layout !== "per-tensor";
    const key = together
      ? vectorOf(`flat/${first.loss}${averaged ? "/averaged" : ""}`, sizeOf(specification.shape))
      : name;
    const group = groups.get(key) ?? {
      base: { dtype, buffer: buffers.has(name), kinds, ...(first ? { loss: first.loss } : {}) },
      together,
      pieces: [],
    };
    group.pieces.push(specification);
    groups.set(key, group);
  }
  const slots = [...groups].map(([name, { base, together, pieces }]): Slot => {
    const numbers = pieces.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    return { ...base, name, pieces, shape: together ? [numbers] : pieces[0]!.shape };
  });
  for (const loss of Object.keys(definition.losses))
    if (!slots.some((slot) => slot.loss === loss))
      throw new ProsoponError("bad-input", `The loss "${loss}" of step "${definition.name}" trains no parameter.`, {
        values: { loss },
        mend: "Its filter matches none of the float32 parameters that it depends on.",
      });
  return slots;
}

/** Slots one after another in groups of at most `most` numbers; a larger slot is a group of its own. */
export function groupSlots(slots: readonly Slot[], most: number): readonly (readonly Slot[])[] {
  const groups: Slot[][] = [];
  let numbers = Number.POSITIVE_INFINITY;
  for (const slot of slots) {
    const size = sizeOf(slot.shape);
    if (numbers + size > most) {
      groups.push([]);
      numbers = 0;
    }
    groups.at(-1)!.push(slot);
    numbers += size;
  }
  return groups;
}
