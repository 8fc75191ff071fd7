import { ProsoponError } from "@prosopon/errors";
import type { Scope } from "@prosopon/nn";
import type { Program } from "@prosopon/runtime";

type Parameters = NonNullable<Program["parameters"]>;

/** What `scope` declared, out of `given`. @throws `not-found` naming the first that is absent. */
export function parametersOf(scope: Scope, given: Parameters): Parameters {
  const missing = [...scope.parameters.keys()].filter((name) => given[name] === undefined);
  if (missing.length > 0)
    throw new ProsoponError("not-found", `The weights hold no "${missing[0]}".`, {
      values: { missing },
      mend: `Give the weights that were made for this network; ${missing.length} of its ${scope.parameters.size} tensors are absent.`,
    });
  return Object.fromEntries([...scope.parameters.keys()].map((name) => [name, given[name]!]));
}
