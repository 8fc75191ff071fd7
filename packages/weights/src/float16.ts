import { ProsoponError } from "@prosopon/errors";
import { type Tensor, tensor } from "@prosopon/graph";

/** Bits of binary16 to bits of binary32. Exact, subnormals, infinities, -0 and NaN payloads included. */
function widenBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (fraction << 13)) >>> 0;
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  const shift = Math.clz32(fraction) - 21; // brings the leading one of a subnormal to bit 10
  return (sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13)) >>> 0;
}

/** Bits of binary32 to bits of binary16, round to nearest, ties to even; beyond 65519.99 to infinity (IEEE 754). */
function narrowBits(single: number): number {
  const sign = (single >>> 16) & 0x8000;
  const magnitude = single & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00 | ((magnitude >>> 13) & 0x1ff);
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  if (magnitude <= 0x33000000) return sign;
  const shift = 126 - (magnitude >>> 23); // 14 to 24 bits fall off a subnormal result
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const kept = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0));
}

/** bfloat16 bits (the upper half of float32) to float32. Exact. */
export function widenBfloat16(bits: Uint16Array): Float32Array {
  const wide = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) wide[i] = bits[i]! << 16;
  return new Float32Array(wide.buffer);
}

/**
 * float16 to float32, same shape, every value exact. A float32 tensor is returned as it is.
 * @throws `bad-input` for another element type.
 */
export function widen(source: Tensor): Tensor<"float32"> {
  if (source.dtype === "float32") return source as Tensor<"float32">;
  if (source.dtype !== "float16")
    throw new ProsoponError("bad-input", `Only float16 widens to float32, not ${source.dtype}.`, {
      values: { dtype: source.dtype },
    });
  const bits = source.data as Uint16Array;
  const wide = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) wide[i] = widenBits(bits[i]!);
  return tensor("float32", source.shape, new Float32Array(wide.buffer));
}

/**
 * float32 to float16 bits, same shape, rounded to nearest with ties to even. Magnitudes of 65520 and more become infinite.
 * A float16 tensor is returned as it is.
 * @throws `bad-input` for another element type.
 */
export function narrow(source: Tensor): Tensor<"float16"> {
  if (source.dtype === "float16") return source as Tensor<"float16">;
  if (source.dtype !== "float32")
    throw new ProsoponError("bad-input", `Only float32 narrows to float16, not ${source.dtype}.`, {
      values: { dtype: source.dtype },
    });
  const data = source.data as Float32Array;
  const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
  const half = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) half[i] = narrowBits(bits[i]!);
  return tensor("float16", source.shape, half);
}
