import { ProsoponError } from "@prosopon/errors";
import { type Graph, input, sizeOf, type Value } from "@prosopon/graph";
import type { ParameterSpec, Scope } from "@prosopon/nn";
import type { InputSpecification, StepContext, StepDefinition } from "./step-definition.ts";
import { scalarInput } from "./update-slots.ts";

/** A definition in a graph. */
export interface BuiltLosses {
  readonly context: StepContext;
  readonly losses: Readonly<Record<string, Value>>;
  readonly metrics: Readonly<Record<string, Value>>;
}

/** Calls the definition's `build` in a graph. @throws `bad-input` when a loss is missing or no scalar. */
export function buildLosses(
  definition: StepDefinition,
  g: Graph,
  top: Scope,
  find: (name: string) => Value | undefined,
): BuiltLosses {
  const declared = (specifications: Readonly<Record<string, InputSpecification>>) =>
    Object.fromEntries(
      Object.entries(specifications).map(([name, { dtype = "float32", shape }]) => [
        name,
        input(g, name, dtype, shape),
      ]),
    );
  const scalars = Object.keys(definition.schedules ?? {}).map((name) => [name, scalarInput(g, `schedule/${name}`)]);
  const context: StepContext = {
    graph: g,
    scope: top,
    inputs: declared(definition.inputs),
    scalars: Object.fromEntries(scalars),
    updates: new Map(),
    parameter(name) {
      const found = find(name);
      if (found) return found;
      throw new ProsoponError("not-found", `Step "${definition.name}" has no parameter "${name}" yet.`, {
        values: { name },
      });
    },
  };
  const { losses, metrics = {} } = definition.build(context);
  for (const loss of Object.keys(definition.losses)) {
    const value = losses[loss];
    if (!value || sizeOf(value.shape) !== 1)
      throw new ProsoponError(
        "bad-input",
        `The loss "${loss}" of step "${definition.name}" is ${value ? `[${value.shape}], not a scalar` : "not built"}.`,
        { values: { loss } },
      );
  }
  return { context, losses, metrics };
}

/** A scope over values that exist already. */
export function existingScope(
  g: Graph,
  parameters: ReadonlyMap<string, ParameterSpec>,
  values: ReadonlyMap<string, Value>,
  prefix = "",
): Scope {
  return {
    graph: g,
    prefix,
    parameters,
    at: (name) => existingScope(g, parameters, values, prefix ? `${prefix}.${name}` : `${name}`),
    parameter(local) {
      const name = prefix ? `${prefix}.${local}` : local;
      const found = values.get(name);
      if (found) return found;
      throw new ProsoponError("bad-graph", `"${name}" was not declared when the step was built for the first time.`, {
        values: { name },
        mend: "build() must build the same each time.",
      });
    },
  };
}
