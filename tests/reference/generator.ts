import { allocate, sizeOf, type Tensor } from "@prosopon/graph";

/** FNV-1a, 32 bits, of a text's UTF-8 bytes. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Numbers u in [−½, ½) of a linear congruential generator that starts from the key's hash, each times `scale` plus `shift`. */
export function generated(key: string, shape: readonly number[], scale: number, shift = 0): Tensor<"float32"> {
  const data = allocate("float32", sizeOf(shape));
  let x = fnv1a(key);
  for (let i = 0; i < data.length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    data[i] = (x / 2 ** 32 - 0.5) * scale + shift;
  }
  return { dtype: "float32", shape, data };
}

/** The weight that the golden numbers of the original were computed with, from its name (without the model's prefix) and shape. */
export function generatedWeight(key: string, shape: readonly number[]): Tensor<"float32"> {
  if (shape.length >= 2) return generated(key, shape, Math.sqrt(12 / sizeOf(shape.slice(1))));
  return key.endsWith("weight") || key.endsWith("running_var")
    ? generated(key, shape, 0.2, 1)
    : generated(key, shape, 0.2);
}
