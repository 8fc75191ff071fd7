import { ProsoponError } from "@prosopon/errors";
import type { Tensor } from "@prosopon/graph";
import type { Handle } from "./session.ts";

/** True for a handle, false for a tensor. */
export const isHandle = (value: Tensor | Handle): value is Handle => "kind" in value && value.kind === "handle";

/** The tensor `name` among a run's outputs. @throws `bad-input` when it is absent or was kept as a handle. */
export function tensorOf(outputs: Readonly<Record<string, Tensor | Handle>>, name: string): Tensor {
  const value = outputs[name];
  if (value !== undefined && !isHandle(value)) return value;
  throw wrongOutput(outputs, name, value === undefined ? "is no output" : "was kept as a handle, not a tensor");
}

/** The handle `name` among a run's outputs. @throws `bad-input` when it is absent or was not kept. */
export function handleOf(outputs: Readonly<Record<string, Tensor | Handle>>, name: string): Handle {
  const value = outputs[name];
  if (value !== undefined && isHandle(value)) return value;
  throw wrongOutput(outputs, name, value === undefined ? "is no output" : "was not named in keep");
}

function wrongOutput(outputs: object, name: string, what: string): ProsoponError {
  const names = Object.keys(outputs);
  return new ProsoponError("bad-input", `"${name}" ${what} of this run, which gave ${names.join(", ")}.`, {
    values: { name, outputs: names },
  });
}
