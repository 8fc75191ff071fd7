import type { Graph, Value } from "./graph.ts";
import { sizeOf, tensor } from "./make-tensor.ts";
import type { DType, Tensor } from "./tensor.ts";

let serial = 0;
const identities = new WeakMap<object, number>();
const identity = (data: object): number => {
  const known = identities.get(data);
  if (known !== undefined) return known;
  identities.set(data, ++serial);
  return serial;
};

/** A text that is equal for equal small tensors; large ones count as equal only if they share their data. */
export const tensorKey = (t: Tensor): string =>
  `${t.dtype}[${t.shape}]${t.data.length <= 64 ? Array.from(t.data as ArrayLike<number | bigint>, (v) => (Object.is(v, -0) ? "-0" : String(v))).join(" ") : `#${identity(t.data)}`}`;

/** A constant of the graph. Equal small constants are one value. */
export function constant(graph: Graph, value: Tensor): Value {
  const key = `constant ${tensorKey(value)}`;
  const known = graph.memory.get(key);
  if (known) return known[0]!;
  let name = `c${graph.constants.size}`;
  while (graph.taken.has(name)) name += "_";
  graph.taken.add(name);
  const made: Value = { graph, name, dtype: value.dtype, shape: [...value.shape] };
  graph.constants.set(made, value);
  graph.memory.set(key, [made]);
  return made;
}

/** A constant scalar, or vector of numbers, of the given type. */
export const constantOf = (graph: Graph, dtype: DType, value: number | readonly number[]): Value =>
  typeof value === "number"
    ? constant(graph, tensor(dtype, [], [value]))
    : constant(graph, tensor(dtype, [value.length], value));

/** The tensor behind a constant value; undefined when it is not constant. */
export const constantTensor = (value: Value | undefined): Tensor | undefined => value?.graph.constants.get(value);

/** The numbers behind a small integer constant, such as a shape or a list of axes. */
export function constantNumbers(value: Value | undefined): readonly number[] | undefined {
  const found = constantTensor(value);
  return found && sizeOf(found.shape) <= 4096
    ? Array.from(found.data as ArrayLike<number | bigint>, Number)
    : undefined;
}
