import { allocate, sizeOf, type Tensor } from "@prosopon/graph";
import { gaussians, type Seed, uniforms } from "@prosopon/random";
import type { ParameterSpec } from "./scope.ts";

/**
 * Starting values of parameters. Each depends on (seed, parameter name) only: adding a layer changes no other, and the same model has
 * the same start on every platform. @throws `bad-input` for a seed that is no whole number.
 */
export const initialize = (parameters: Iterable<ParameterSpec>, seed: Seed): Map<string, Tensor> =>
  new Map(Array.from(parameters, (specification) => [specification.name, start(specification, seed)]));

function start({ name, shape, dtype, initializer }: ParameterSpec, seed: Seed): Tensor {
  const length = sizeOf(shape);
  const data = allocate(dtype, length);
  if (data instanceof BigInt64Array) data.fill(initializer.kind === "constant" ? BigInt(initializer.value) : 0n);
  else if (initializer.kind === "constant") data.fill(initializer.value);
  else if (initializer.kind === "normal") {
    const noise = gaussians(seed, name, 0, length);
    for (let i = 0; i < length; i++) data[i] = noise[i]! * initializer.std;
  } else {
    const noise = uniforms(seed, name, 0, length);
    for (let i = 0; i < length; i++) data[i] = (2 * noise[i]! - 1) * initializer.bound;
  }
  return { dtype, shape, data } as Tensor;
}
