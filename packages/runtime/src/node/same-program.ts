import type { Program } from "../program.ts";

/** Whether two programs may share a session: the same model bytes, binding and parameter names. Parameter values are the caller's word. */
export function sameProgram(a: Program, b: Program): boolean {
  const names = ({ parameters = {} }: Program): string => JSON.stringify(Object.keys(parameters).sort());
  return (
    a === b ||
    ((a.bind ?? "initializers") === (b.bind ?? "initializers") &&
      a.model.length === b.model.length &&
      a.model.every((byte, i) => byte === b.model[i]) &&
      names(a) === names(b))
  );
}
