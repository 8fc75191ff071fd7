import { ProsoponError } from "@prosopon/errors";
import { philoxBlock } from "./philox-block.ts";
import { philoxKey, type Seed, type Stream } from "./philox-key.ts";

/**
 * The numbers 0 to n - 1 in random order (Fisher and Yates), keyed by (seed, stream, step): the order of a data set in the
 * epoch `step`, say. n up to 2^31. Throws `bad-input`.
 */
export function permutation(seed: Seed, stream: Stream, n: number, step = 0): Uint32Array<ArrayBuffer> {
  const key = philoxKey("permutation", seed, stream, step);
  if (!Number.isInteger(n) || n < 0 || n > 2 ** 31) {
    throw new ProsoponError("bad-input", `${n} is not a whole number from 0 to 2147483648.`, { values: { n } });
  }
  const result = new Uint32Array(n);
  for (let index = 0; index < n; index += 1) result[index] = index;
  const words = new Uint32Array(4);
  let position = 0;
  for (let last = n - 1; last > 0; last -= 1) {
    const end = 2 ** 32 - (2 ** 32 % (last + 1));
    let value = end;
    while (value >= end) {
      if (position % 4 === 0) {
        philoxBlock(position / 4, key.step, key.streamLow, key.streamHigh, key.seedLow, key.seedHigh, words);
      }
      value = words[position % 4]!;
      position += 1;
    }
    const other = value % (last + 1);
    const swapped = result[last]!;
    result[last] = result[other]!;
    result[other] = swapped;
  }
  return result;
}
