import { cast, concat, constant, cos, mul, reshape, sin, tensor, type Value } from "@prosopon/graph";

/**
 * Sinusoidal embedding of t [B] (int64 or float32, whole or fractional) -> [B, size]: cosines first, then sines,
 * of t·exp(−ln(10000)·j/(size/2)). The frequencies are rounded step by step as float32 code does.
 */
export function timestepEmbedding(t: Value, size: number): Value {
  const half = size / 2;
  const f = Math.fround;
  const frequencies = Float32Array.from({ length: half }, (_, j) => Math.exp(f(f(f(-Math.log(10000)) * j) / half)));
  const angles = mul(
    reshape(cast(t, "float32"), [t.shape[0]!, 1]),
    constant(t.graph, tensor("float32", [1, half], frequencies)),
  );
  return concat([cos(angles), sin(angles)], 1);
}
