import { ProsoponError } from "@prosopon/errors";
import { normalPair } from "./normal-pair.ts";
import { philoxBlock } from "./philox-block.ts";
import { type PhiloxKey, philoxKey, type Seed, type Stream } from "./philox-key.ts";

/**
 * `length` standard normal numbers, float64 rounded to float32. Element i depends on (seed, stream, step, i) only, so a
 * shorter list is the beginning of a longer one, and the bits are the same on every platform. Throws `bad-input`.
 */
export function gaussians(seed: Seed, stream: Stream, step: number, length: number): Float32Array<ArrayBuffer> {
  const key = philoxKey("gaussians", seed, stream, step);
  const result = list(length);
  const words = new Uint32Array(4);
  const pair = new Float64Array(2);
  for (let start = 0; start < length; start += 4) {
    blockOf(key, start >>> 2, words);
    normalPair(words[0]!, words[1]!, pair);
    result[start] = pair[0]!;
    result[start + 1] = pair[1]!;
    normalPair(words[2]!, words[3]!, pair);
    result[start + 2] = pair[0]!;
    result[start + 3] = pair[1]!;
  }
  return result;
}

/** `length` numbers in [0, 1) with 24 random bits each, exact in float32. Keyed like `gaussians`. Throws `bad-input`. */
export function uniforms(seed: Seed, stream: Stream, step: number, length: number): Float32Array<ArrayBuffer> {
  const key = philoxKey("uniforms", seed, stream, step);
  const result = list(length);
  const words = new Uint32Array(4);
  for (let start = 0; start < length; start += 4) {
    blockOf(key, start >>> 2, words);
    for (let word = 0; word < 4; word += 1) result[start + word] = (words[word]! >>> 8) * 2 ** -24;
  }
  return result;
}

function blockOf(key: PhiloxKey, block: number, words: Uint32Array): void {
  philoxBlock(block, key.step, key.streamLow, key.streamHigh, key.seedLow, key.seedHigh, words);
}

function list(length: number): Float32Array<ArrayBuffer> {
  if (!Number.isInteger(length) || length < 0 || length > 2 ** 31) {
    throw new ProsoponError("bad-input", `Length ${length} is not a whole number from 0 to 2147483648.`, {
      values: { length },
    });
  }
  // Writes past the end of a typed array are ignored, so the last block needs no special case.
  return new Float32Array(length);
}
