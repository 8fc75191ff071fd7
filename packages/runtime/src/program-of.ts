import { ProsoponError } from "@prosopon/errors";
import { encodeModel, type Graph } from "@prosopon/graph";
import type { Program } from "./program.ts";

/** A graph as a program, with those of the given weights that it declares baked in. @throws `not-found` naming the first that is absent. */
export function programOf(graph: Graph, weights: NonNullable<Program["parameters"]>): Program {
  const names = graph.parameters.map(({ name }) => name);
  const missing = names.filter((name) => weights[name] === undefined);
  if (missing.length > 0)
    throw new ProsoponError("not-found", `The weights hold no "${missing[0]}", which "${graph.name}" needs.`, {
      values: { missing },
      mend: `Weights and network must come from the same training; ${missing.length} of ${names.length} tensors are absent.`,
    });
  const parameters = Object.fromEntries(names.map((name) => [name, weights[name]!]));
  return { model: encodeModel(graph, { parameters: "initializers" }), parameters };
}
