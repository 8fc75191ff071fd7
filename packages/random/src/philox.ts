import { ProsoponError } from "@prosopon/errors";
import { normalPair } from "./normal-pair.ts";
import { philoxBlock } from "./philox-block.ts";
import { philoxKey, type Seed, type Stream } from "./philox-key.ts";

/** Where a generator stands: its key and how many 32-bit words it has drawn. Plain data; store the seed as text if a bigint. */
export interface RandomState {
  readonly seed: Seed;
  readonly stream: Stream;
  readonly step: number;
  readonly position: number;
}

export interface Random {
  /** A number in [0, 1) with 53 random bits. */
  uniform(): number;
  /** A standard normal number, bit-exact on every platform; see `normalPair` for its tail. */
  gaussian(): number;
  /** A whole number from 0 to n - 1, unbiased; n from 1 to 2^32. */
  integer(n: number): number;
  /** One element. Throws `bad-input` for an empty list. */
  pick<Item>(items: readonly Item[]): Item;
  /** A new list in random order (Fisher and Yates); `items` stays as it is. */
  shuffle<Item>(items: readonly Item[]): Item[];
  /** The present place; `restore` continues from it. */
  state(): RandomState;
}

const WORDS = 2 ** 34;

/**
 * A generator over the Philox4x32-10 words keyed by (seed, stream, step); `step` is 0 if not given. Different keys give
 * independent sequences, with no order of creation between them. Throws `bad-input` for values outside `philoxKey`'s ranges.
 */
export function philox(seed: Seed, stream: Stream, step = 0): Random {
  return restore({ seed, stream, step, position: 0 });
}

/** A generator that continues where `state` was taken. Throws `bad-input`. */
export function restore({ seed, stream, step, position: start }: RandomState): Random {
  const key = philoxKey("generator", seed, stream, step);
  if (!Number.isInteger(start) || start < 0 || start > WORDS) {
    throw new ProsoponError("bad-input", `Position ${start} is not a whole number from 0 to 2^34.`, {
      values: { position: start },
    });
  }
  const words = new Uint32Array(4);
  const pair = new Float64Array(2);
  let position = start;
  let loaded = -1;

  const word = (): number => {
    if (position >= WORDS) {
      throw new ProsoponError("bad-input", `The stream ${JSON.stringify(stream)} has given its 2^34 words.`, {
        values: { seed, stream, step },
        mend: "Use another step or stream.",
      });
    }
    const block = Math.floor(position / 4);
    if (block !== loaded) {
      philoxBlock(block, key.step, key.streamLow, key.streamHigh, key.seedLow, key.seedHigh, words);
      loaded = block;
    }
    const value = words[position % 4]!;
    position += 1;
    return value;
  };
  const integer = (n: number): number => {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) {
      throw new ProsoponError("bad-input", `${n} is not a whole number from 1 to 2^32.`, { values: { n } });
    }
    // Words beyond the last whole multiple of n are thrown away: without that the small numbers would come up more often.
    const end = 2 ** 32 - (2 ** 32 % n);
    for (;;) {
      const value = word();
      if (value < end) return value % n;
    }
  };
  return {
    uniform: () => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) * 2 ** -53,
    gaussian: () => {
      normalPair(word(), word(), pair);
      return pair[0]!;
    },
    integer,
    pick: (items) => {
      if (items.length === 0) {
        throw new ProsoponError("bad-input", "An empty list has no element to pick.", { values: { length: 0 } });
      }
      return items[integer(items.length)]!;
    },
    shuffle: <Item>(items: readonly Item[]) => {
      const result = [...items];
      for (let last = result.length - 1; last > 0; last -= 1) {
        const other = integer(last + 1);
        const item = result[last] as Item;
        result[last] = result[other] as Item;
        result[other] = item;
      }
      return result;
    },
    state: () => ({ seed, stream, step, position }),
  };
}
