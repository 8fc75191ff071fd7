import { type Tensor, tensor } from "@prosopon/graph";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { narrow, widen, widenBfloat16 } from "./float16.ts";

/** The value of binary16 bits, from its definition (IEEE 754-2019, 3.4). */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

const narrowed = (...values: number[]) => [...narrow(tensor("float32", [values.length], values)).data];

describe("float16", () => {
  it("widens all 65536 bit patterns to their exact value and narrows them back", () => {
    const all = tensor(
      "float16",
      [256, 256],
      Uint16Array.from({ length: 65536 }, (_, i) => i),
    );
    const wide = widen(all);
    expect(wide.shape).toEqual([256, 256]);
    const back = narrow(wide).data;
    const wrong: number[] = [];
    for (let i = 0; i < 65536; i++) {
      const value = halfValue(i);
      if (!Object.is(wide.data[i], value)) wrong.push(i);
      if (Number.isNaN(value) ? !Number.isNaN(halfValue(back[i]!)) : back[i] !== i) wrong.push(i);
    }
    expect(wrong).toEqual([]);
  });

  it("rounds to the nearest value, ties to even", () => {
    expect(narrowed(1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -11 + 2 ** -20)).toEqual([0x3c00, 0x3c02, 0x3c01]);
    expect(narrowed(65504, 65519.99, 65520, -1e9, Number.POSITIVE_INFINITY)).toEqual([
      0x7bff, 0x7bff, 0x7c00, 0xfc00, 0x7c00,
    ]);
    expect(narrowed(2 ** -25, 2 ** -25 * 1.001, 1.5 * 2 ** -24, 2.5 * 2 ** -24, -0)).toEqual([0, 1, 2, 2, 0x8000]);
    expect(narrowed(2 ** -14 - 2 ** -26, 1e-45)).toEqual([0x0400, 0]);
  });

  it("narrows any float32 at least as near as its neighbours", () => {
    fc.assert(
      fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
        const [bits] = narrowed(value) as [number];
        const magnitude = bits & 0x7fff;
        const error = Math.abs(halfValue(magnitude) - Math.abs(value));
        for (const next of [magnitude - 1, magnitude + 1]) {
          if (next < 0 || next > 0x7bff) continue;
          const other = Math.abs(halfValue(next) - Math.abs(value));
          if (other < error || (other === error && magnitude % 2 !== 0)) return false;
        }
        return bits >> 15 === (value < 0 || Object.is(value, -0) ? 1 : 0);
      }),
      { numRuns: 2000 },
    );
  });

  it("widens bfloat16 exactly", () => {
    expect([...widenBfloat16(Uint16Array.of(0x3f80, 0xc049, 0x7f80, 0x0001))]).toEqual([
      1,
      -3.140625,
      Number.POSITIVE_INFINITY,
      2 ** -133,
    ]);
  });

  it("passes what is already there and refuses the rest", () => {
    const single: Tensor = tensor("float32", [1], [2]);
    expect(widen(single)).toBe(single);
    expect(() => widen(tensor("float64", [1]))).toThrow(/Only float16 widens/);
    expect(() => narrow(tensor("int32", [1]))).toThrow(/Only float32 narrows/);
  });
});
