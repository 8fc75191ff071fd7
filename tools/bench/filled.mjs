import { sizeOf, tensor } from "@prosopon/graph";
import { gaussians } from "@prosopon/random";

const table = gaussians(1, "benchmark weights", 0, 65_521);

/**
 * Values that keep a network's numbers near one: matrices and kernels of variance 1 / fan-in, scales of 1, small biases. Speed does not depend
 * on them as long as none is subnormal; drawing 157 million properly would take longer than the benchmark.
 */
function filled({ name, shape }) {
  const size = sizeOf(shape);
  const data = new Float32Array(size);
  const [, ...inner] = shape;
  const matrix = shape.length > 1;
  const spread = matrix ? 1 / Math.sqrt(sizeOf(inner)) : 0.05;
  const middle = !matrix && name.endsWith("weight") ? 1 : 0;
  for (let i = 0; i < size; i++) data[i] = middle + spread * table[i % table.length];
  return tensor("float32", shape, data);
}

/** Parameter name -> tensor, for the specifications that a scope collected. */
export const filledParameters = (specifications) =>
  Object.fromEntries(Array.from(specifications, (one) => [one.name, filled(one)]));

/** Standard normal numbers. */
export const normal = (stream, shape) => tensor("float32", shape, gaussians(1, stream, 0, sizeOf(shape)));
