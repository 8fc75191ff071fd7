import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeRecord, records, type StreamRecord } from "./record.ts";

const record: fc.Arbitrary<StreamRecord> = fc.record({
  type: fc.nat(255),
  epoch: fc.nat(),
  seq: fc.nat(Number.MAX_SAFE_INTEGER),
  pts: fc.double({ noNaN: true }),
  bytes: fc.uint8Array({ maxLength: 60 }).map((bytes) => Uint8Array.from(bytes)),
});

async function* cutInto(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (let i = 0; start < bytes.length; i += 1) {
    const end = start + (sizes[i % sizes.length] ?? 1);
    yield bytes.subarray(start, end);
    start = end;
  }
}
const gather = async (chunks: AsyncIterable<Uint8Array>): Promise<StreamRecord[]> => {
  const found: StreamRecord[] = [];
  for await (const one of records(chunks)) found.push(one);
  return found;
};

test("records survive, however the network cuts them; a half one at the end is dropped", async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.array(record, { maxLength: 6 }), sizes, async (all, cuts) => {
      const bytes = Uint8Array.from(Buffer.concat([...all.map(encodeRecord), Uint8Array.of(0, 0, 0, 40, 1)]));
      expect(await gather(cutInto(bytes, cuts))).toEqual(all);
    }),
  );
});

test("the layout is that of the gateway", () => {
  const bytes = encodeRecord({ type: 1, epoch: 2, seq: 3, pts: 0.04, bytes: Uint8Array.of(9) });
  const expected = Buffer.alloc(26);
  expected.writeUInt32BE(22, 0);
  expected.writeUInt8(1, 4);
  expected.writeUInt32BE(2, 5);
  expected.writeBigUInt64BE(3n, 9);
  expected.writeDoubleBE(0.04, 17);
  expected[25] = 9;
  expect(Buffer.from(bytes)).toEqual(expected);
});

test("impossible lengths are refused", async () => {
  for (const length of [3, 0xffff_ffff]) {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32BE(length, 0);
    await expect(gather(cutInto(bytes, [8]))).rejects.toMatchObject({ code: "bad-file" });
  }
});
