import { isProsoponError } from "@prosopon/errors";
import { type DType, type Tensor, tensor } from "@prosopon/graph";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { difference } from "./checkpoint-cases.test.support.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";

/** A file from a header that need not be right. */
function fileOf(header: unknown, dataLength: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}
const f32 = (shape: unknown, first: number, end: number) => ({ dtype: "F32", shape, data_offsets: [first, end] });

const dtypes: readonly DType[] = ["float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"];
const anyTensor: fc.Arbitrary<Tensor> = fc
  .record({ dtype: fc.constantFrom(...dtypes), shape: fc.array(fc.nat(4), { maxLength: 3 }), seed: fc.nat(255) })
  .map(({ dtype, shape, seed }) => {
    const empty: Tensor = tensor(dtype, shape);
    new Uint8Array(empty.data.buffer).forEach((_, i, bytes) => {
      bytes[i] = dtype === "bool" ? (seed + i) % 2 : seed + 7 * i;
    });
    return empty;
  });

describe("safetensors", () => {
  it("gives back what was encoded, in order, and the same bytes each time", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string(), anyTensor), { maxLength: 6 }),
        fc.dictionary(fc.string(), fc.string()),
        (entries, metadata) => {
          const tensors = new Map(entries.filter(([name]) => name !== "__metadata__"));
          const bytes = encodeSafetensors(tensors, metadata);
          const decoded = decodeSafetensors(bytes);
          expect(Object.entries(decoded.metadata).sort()).toEqual(Object.entries(metadata).sort());
          expect([...decoded.tensors.keys()].sort()).toEqual([...tensors.keys()].sort());
          for (const [name, found] of decoded.tensors) expect(difference(found, tensors.get(name))).toBe("");
          expect(Buffer.compare(encodeSafetensors(tensors, metadata), bytes)).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("writes the bytes of the format", () => {
    const bytes = encodeSafetensors(
      new Map<string, Tensor>([
        ["2", tensor("float32", [2], [1, -2])],
        ["1", tensor("uint8", [], [7])],
      ]),
      { by: "me" },
    );
    const header =
      '{"__metadata__":{"by":"me"},"2":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"1":{"dtype":"U8","shape":[],"data_offsets":[8,9]}}';
    const length = Math.ceil(header.length / 8) * 8;
    expect(bytes.subarray(0, 8)).toEqual(Uint8Array.of(length, 0, 0, 0, 0, 0, 0, 0));
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + length))).toBe(header.padEnd(length));
    expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 128, 63, 0, 0, 0, 192, 7]);
  });

  it("widens bfloat16", () => {
    const bytes = fileOf({ a: { dtype: "BF16", shape: [1], data_offsets: [0, 2] } }, 2);
    bytes.set([0x49, 0xc0], bytes.length - 2);
    expect(decodeSafetensors(bytes).tensors.get("a")).toEqual(tensor("float32", [1], [-3.140625]));
  });

  it.each([
    ["nothing", new Uint8Array(0), /0 bytes/],
    ["a header beyond the end", fileOf({}, 0).subarray(0, 9), /header of 2 bytes/],
    ["no object", fileOf("[]", 0), /does not start with \{/],
    ["no JSON", fileOf("{oops", 0), /header/],
    ["an overlap", fileOf({ a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12), /overlap/],
    ["a gap", fileOf({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12), /a gap/],
    ["a gap in front", fileOf({ a: f32([1], 4, 8) }, 8), /a gap/],
    ["bytes left over", fileOf({ a: f32([1], 0, 4) }, 5), /take 4 bytes, 5 follow/],
    ["bytes missing", fileOf({ a: f32([1], 0, 4) }, 3), /take 4 bytes, 3 follow/],
    ["a size that is not the shape's", fileOf({ a: f32([3], 0, 8) }, 8), /needs 12 bytes/],
    ["an overflowing shape", fileOf({ a: f32([2 ** 52, 2 ** 52], 0, 8) }, 8), /needs/],
    ["a negative dimension", fileOf({ a: f32([-1, -2], 0, 8) }, 8), /no valid shape/],
    ["a fraction", fileOf({ a: f32([0.5], 0, 2) }, 2), /no valid shape/],
    ["offsets in the wrong order", fileOf({ a: f32([1], 4, 0) }, 4), /data_offsets/],
    ["an unknown type", fileOf({ a: { dtype: "Q4", shape: [1], data_offsets: [0, 1] } }, 1), /element type "Q4"/],
    ["an unknown field", fileOf({ a: { ...f32([1], 0, 4), run: 1 } }, 4), /unknown field "run"/],
    ["metadata that is no text", fileOf({ __metadata__: { a: 1 } }, 0), /not a string/],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(message);
    try {
      decodeSafetensors(bytes);
    } catch (error) {
      expect(isProsoponError(error) && error.code).toBe("bad-file");
    }
  });

  it("refuses to write the reserved name", () => {
    expect(() => encodeSafetensors(new Map([["__metadata__", tensor("bool", [])]]))).toThrow(/reserved/);
  });
});
