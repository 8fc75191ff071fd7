import { tensor } from "@prosopon/graph";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StorageReference } from "./pickle-value.ts";
import { storedTensor } from "./stored-tensor.ts";
import { gather, isDense, spanOf, swapBytes, tensorReference } from "./tensor-reference.ts";

const storage = (length: number): StorageReference => ({ python: "storage", key: "0", dtype: "int16", length });
const counting = (length: number) => Int16Array.from({ length }, (_, i) => i);

describe("tensorReference and gather", () => {
  it("picks the element at offset + index . stride", () => {
    const axis = fc.record({ size: fc.integer({ min: 0, max: 4 }), stride: fc.nat(6) });
    fc.assert(
      fc.property(fc.array(axis, { maxLength: 4 }), fc.nat(5), (axes, offset) => {
        const shape = axes.map(({ size }) => size);
        const stride = axes.map(({ stride }) => stride);
        const span = spanOf({ shape, stride });
        const reference = tensorReference(storage(offset + span), offset, shape, stride);
        const bytes = new Uint8Array(counting(offset + span).buffer, offset * 2);
        const found = storedTensor("int16", shape, gather(reference, bytes)).data;
        const expected = axes.reduce<number[]>(
          (starts, { size, stride }) =>
            starts.flatMap((start) => Array.from({ length: size }, (_, i) => start + i * stride)),
          [offset],
        );
        expect([...found]).toEqual(expected);
        if (isDense(reference)) expect([...found]).toEqual(expected.map((_, i) => offset + i));
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, unknown, unknown, unknown, RegExp]>([
    ["one element too far", 1, [2, 3], [3, 1], /outside its storage/],
    ["a stride that leaves", 0, [2], [6], /outside its storage/],
    ["a product beyond all numbers", 0, [2 ** 52, 2 ** 52], [2 ** 52, 1], /outside/],
    ["a repeated element that would fill memory", 0, [2 ** 31], [0], /repeats/],
    ["a product that is not a number", 0, [...Array(25).fill(2 ** 52), 0], Array(26).fill(0), /repeats/],
    ["a negative stride", 0, [2], [-1], /no valid/],
    ["a rank that differs", 0, [2], [1, 1], /no valid/],
    ["no offset", undefined, [2], [1], /no valid/],
  ])("refuses %s", (_, offset, shape, stride, message) => {
    expect(() => tensorReference(storage(6), offset as number, shape as number[], stride as number[])).toThrow(message);
  });

  it("reverses the bytes of each element", () => {
    expect([...swapBytes(Uint8Array.of(1, 2, 3, 4), 2)]).toEqual([2, 1, 4, 3]);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, -1.25, false);
    expect(storedTensor("float32", [1], swapBytes(bytes, 4))).toEqual(tensor("float32", [1], [-1.25]));
  });
});
