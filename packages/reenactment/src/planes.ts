import { type Tensor, tensor } from "@prosopon/graph";

/** float32 [B, C, H, W]: pictures in [-1, 1] or latents. */
export type Planes = Tensor<"float32">;

/** The same numbers `times` times, one after another. */
export function repeated(data: Float32Array, times: number): Float32Array {
  const whole = new Float32Array(data.length * times);
  for (let i = 0; i < times; i++) whole.set(data, i * data.length);
  return whole;
}

/** One sample of a batch, as a batch of one. */
export function sampleOf({ shape, data }: Planes, index: number): Planes {
  const [count, ...rest] = shape;
  const length = data.length / count!;
  return tensor("float32", [1, ...rest], data.slice(index * length, (index + 1) * length));
}
