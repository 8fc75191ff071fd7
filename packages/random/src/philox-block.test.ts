import { expect, test } from "vitest";
import { philoxBlock } from "./philox-block.ts";

const hex = (counter: number[], key: number[]): string => {
  const out = new Uint32Array(4);
  philoxBlock(counter[0]!, counter[1]!, counter[2]!, counter[3]!, key[0]!, key[1]!, out);
  return Array.from(out, (word) => word.toString(16).padStart(8, "0")).join(" ");
};

// The kat_vectors file of Random123 (Salmon et al. 2011), lines "philox4x32 10".
test.each([
  [[0, 0, 0, 0], [0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
  [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], "408f276d 41c83b0e a20bc7c6 6d5451fd"],
  [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], "d16cfe09 94fdcceb 5001e420 24126ea1"],
])("matches the published vector of counter %j", (counter, key, expected) => {
  expect(hex(counter, key)).toBe(expected);
});

test("one flipped bit of counter or key flips about half of the output bits", () => {
  const base = new Uint32Array(4);
  const other = new Uint32Array(4);
  let flipped = 0;
  for (let bit = 0; bit < 192; bit += 1) {
    const input = [1, 2, 3, 4, 5, 6];
    philoxBlock(1, 2, 3, 4, 5, 6, base);
    input[bit >>> 5]! ^= 1 << (bit & 31);
    philoxBlock(input[0]!, input[1]!, input[2]!, input[3]!, input[4]!, input[5]!, other);
    for (let word = 0; word < 4; word += 1) {
      for (let rest = base[word]! ^ other[word]!; rest !== 0; rest &= rest - 1) flipped += 1;
    }
  }
  // 192 x 128 fair bits: mean 12288, standard deviation 78.
  expect(Math.abs(flipped - 12_288)).toBeLessThan(400);
});
