import { type DType, type Graph, parameter, type Value, within } from "@prosopon/graph";

/** How a parameter starts: a law and its numbers. */
export type Initializer =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "uniform"; readonly bound: number }
  | { readonly kind: "normal"; readonly std: number };

export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly initializer: Initializer;
}

/** Where a module stands: it names the parameters made in it. Asking twice for one name shares the parameter. */
export interface Scope {
  readonly graph: Graph;
  /** Dotted name of this place, such as "input_blocks.1.0"; empty at the top. */
  readonly prefix: string;
  /** Every parameter of the whole tree, in the order of creation (module-definition order). */
  readonly parameters: ReadonlyMap<string, ParameterSpec>;
  /** A child place. */
  at(name: string | number): Scope;
  /** Declares (or finds) a parameter under this place. */
  parameter(name: string, shape: readonly number[], initializer: Initializer, dtype?: DType): Value;
}

/** The top of a module tree over a graph; `prefix` (such as "model.diffusion_model") is put before every name. */
export function scope(graph: Graph, prefix = ""): Scope {
  const parameters = new Map<string, ParameterSpec>();
  const values = new Map<string, Value>();
  const place = (prefix: string): Scope => ({
    graph,
    prefix,
    parameters,
    at: (name) => place(prefix ? `${prefix}.${name}` : `${name}`),
    parameter(local, shape, initializer, dtype = "float32") {
      const name = prefix ? `${prefix}.${local}` : local;
      const known = values.get(name);
      if (known) return known;
      const value = within(graph, name, () => parameter(graph, name, shape, dtype));
      values.set(name, value);
      parameters.set(name, { name, shape, dtype, initializer });
      return value;
    },
  });
  return place(prefix);
}
