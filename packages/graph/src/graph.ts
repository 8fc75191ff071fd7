import { ProsoponError } from "@prosopon/errors";
import type { DType, Tensor } from "./tensor.ts";

/** A value in a graph: what an input, a parameter, a constant or a node gives. Shapes are always concrete. */
export interface Value {
  readonly graph: Graph;
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** An attribute as ONNX knows it; whether a number is an int or a float follows from its name (see `isFloatAttribute`). */
export type Attribute = number | string | readonly number[] | readonly string[] | Tensor;
export type Attributes = Readonly<Record<string, Attribute>>;

/** One operator applied to values. `domain` is "" for the ONNX standard. An absent optional input is `undefined`. */
export interface Node {
  readonly op: string;
  readonly domain: string;
  /** Where it was built, such as "unet/input_blocks.1/conv", for messages and printing. */
  readonly path: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

/**
 * An ONNX graph under construction, opset 21. Nodes stand in topological order because a value exists only after its node.
 * Equal nodes are built once (common subexpressions cannot arise).
 */
export interface Graph {
  readonly name: string;
  readonly inputs: Value[];
  /** Trained or loaded tensors, in the order of their creation. */
  readonly parameters: Value[];
  readonly nodes: Node[];
  readonly outputs: Map<string, Value>;
  readonly constants: Map<Value, Tensor>;
  readonly producers: Map<Value, Node>;
  /** Current path of construction; see `within`. */
  readonly path: string[];
  /** Internal: structural keys of the nodes and constants built so far. */
  readonly memory: Map<string, readonly Value[]>;
  /** Internal: numbers given to objects so that keys are short. */
  readonly taken: Set<string>;
}

/** An empty graph. */
export function graph(options: { readonly name?: string } = {}): Graph {
  return {
    name: options.name ?? "graph",
    inputs: [],
    parameters: [],
    nodes: [],
    outputs: new Map(),
    constants: new Map(),
    producers: new Map(),
    path: [],
    memory: new Map(),
    taken: new Set(),
  };
}

function declare(graph: Graph, list: Value[], name: string, dtype: DType, shape: readonly number[]): Value {
  if (graph.taken.has(name))
    throw new ProsoponError("bad-graph", `The graph already has a value named "${name}".`, { values: { name } });
  if (!shape.every((d) => Number.isInteger(d) && d >= 0))
    throw new ProsoponError("bad-graph", `"${name}" has the shape [${shape}].`, {
      values: { name, shape },
      mend: "Every dimension must be a whole number, 0 or more.",
    });
  graph.taken.add(name);
  const value: Value = { graph, name, dtype, shape: [...shape] };
  list.push(value);
  return value;
}

/** Declares a graph input. @throws `bad-graph` for a name that is taken. */
export const input = (graph: Graph, name: string, dtype: DType, shape: readonly number[]): Value =>
  declare(graph, graph.inputs, name, dtype, shape);

/** Declares a parameter: at encoding time it becomes an initializer or an input. @throws `bad-graph` for a name that is taken. */
export const parameter = (graph: Graph, name: string, shape: readonly number[], dtype: DType = "float32"): Value =>
  declare(graph, graph.parameters, name, dtype, shape);

/** Names a value as an output of the graph. @throws `bad-graph` for a second output of that name or a foreign value. */
export function output(graph: Graph, name: string, value: Value): Value {
  if (value.graph !== graph) throw new ProsoponError("bad-graph", `Output "${name}" belongs to another graph.`);
  if (graph.outputs.has(name)) throw new ProsoponError("bad-graph", `The graph already has an output "${name}".`);
  graph.outputs.set(name, value);
  return value;
}

/** Builds under a path, so that errors and printouts can say where a node stands. */
export function within<T>(graph: Graph, path: string, build: () => T): T {
  graph.path.push(path);
  try {
    return build();
  } finally {
    graph.path.pop();
  }
}
