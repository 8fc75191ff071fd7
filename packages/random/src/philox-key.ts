import { ProsoponError } from "@prosopon/errors";
import { philoxBlock } from "./philox-block.ts";

/** A whole number: a safe integer, or a bigint from -2^63 to 2^64 - 1. `7` and `7n` are the same seed. */
export type Seed = number | bigint;

/** A name for one use of the seed. The number 1 and the text "1" name different streams. */
export type Stream = string | number;

/** The Philox key (from the seed) and the counter words that name stream and step. The fourth counter word counts blocks. */
export interface PhiloxKey {
  readonly seedLow: number;
  readonly seedHigh: number;
  readonly streamLow: number;
  readonly streamHigh: number;
  readonly step: number;
}

// What the words are drawn for takes part in the name, so that a list of noise never shares words with a generator.
export type Purpose = "generator" | "gaussians" | "uniforms" | "permutation";

/** Checks and packs (seed, stream, step). Throws `bad-input`. `step` is a whole number from 0 to 2^32 - 1. */
export function philoxKey(purpose: Purpose, seed: Seed, stream: Stream, step: number): PhiloxKey {
  if (typeof seed === "number" ? !Number.isSafeInteger(seed) : seed < -(2n ** 63n) || seed >= 2n ** 64n) {
    throw new ProsoponError("bad-input", `Seed ${seed} is not a whole number that fits 64 bits exactly.`, {
      values: { seed },
      mend: "Use a safe integer or a 64-bit bigint.",
    });
  }
  if (!Number.isInteger(step) || step < 0 || step > 0xffffffff) {
    throw new ProsoponError("bad-input", `Step ${step} is not a whole number from 0 to 4294967295.`, {
      values: { step },
    });
  }
  if (typeof stream === "number" && !Number.isSafeInteger(stream)) {
    throw new ProsoponError("bad-input", `Stream ${stream} is neither a text nor a safe integer.`, {
      values: { stream },
    });
  }
  const bits = BigInt.asUintN(64, BigInt(seed));
  const [streamLow, streamHigh] = digest(`${purpose}:${typeof stream}:${stream}`);
  return { seedLow: Number(bits & 0xffffffffn), seedHigh: Number(bits >> 32n), streamLow, streamHigh, step };
}

// 64 bits of a text: Philox as the block cipher of a Davies-Meyer chain over its UTF-16 units. 2^32 names for one collision.
function digest(text: string): [number, number] {
  const state = new Uint32Array(4);
  const block = new Uint32Array(4);
  state[0] = text.length;
  for (let start = 0; start < text.length; start += 2) {
    const [h0, h1, h2, h3] = [state[0]!, state[1]!, state[2]!, state[3]!];
    philoxBlock(
      h0,
      h1,
      h2,
      h3,
      text.charCodeAt(start),
      start + 1 < text.length ? text.charCodeAt(start + 1) : 0,
      block,
    );
    for (let word = 0; word < 4; word += 1) state[word] = state[word]! ^ block[word]!;
  }
  return [state[0]!, state[1]!];
}
