import { sizeOf, type Tensor, tensor } from "@prosopon/graph";
import type { ParameterSpec } from "@prosopon/nn";

/** Uniform numbers in -0.5..0.5 by name and place, the same as `hashed` of tools/peer-values.py. */
export function hashed(name: string, count: number): Float64Array {
  let seed = 2166136261;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 16777619);
  return Float64Array.from({ length: count }, (_, i) => {
    let x = (Math.imul(i, 2654435761) + seed) | 0;
    x ^= x >>> 15;
    x = Math.imul(x, 2246822519);
    x ^= x >>> 13;
    x = Math.imul(x, 3266489917);
    x ^= x >>> 16;
    return (x >>> 0) / 2 ** 32 - 0.5;
  });
}

/** Weights as `weight` of tools/peer-values.py makes them. */
export function hashedWeights(specs: Iterable<ParameterSpec>): Record<string, Tensor> {
  return Object.fromEntries(
    Array.from(specs, ({ name, shape }) => {
      const u = hashed(name, sizeOf(shape));
      const scale = Math.sqrt(24 / sizeOf(shape.slice(1)));
      const law = (v: number): number => {
        if (name.endsWith("running_var")) return 1 + 0.5 * v;
        if (name.endsWith("running_mean") || name.endsWith("bias")) return 0.2 * v;
        if (name.startsWith("lin")) return 0.5 + v;
        if (name.includes("prelu")) return 0.25 + 0.2 * v;
        return shape.length === 1 ? 1 + 0.2 * v : v * scale;
      };
      return [name, tensor("float32", shape, Float32Array.from(u, law))];
    }),
  );
}

/** Images [N, 3, H, W] in -1..1, as `image` of tools/peer-values.py. */
export const hashedImage = (name: string, shape: readonly number[]): Tensor<"float32"> =>
  tensor(
    "float32",
    shape,
    Float32Array.from(hashed(name, sizeOf(shape)), (v) => 2 * v),
  );
