import { ProsoponError } from "@prosopon/errors";
import { type Sound, sound } from "./sound.ts";

/** The mean of all channels, as a sound of one; a sound of one channel is returned as it is. */
export function mono(source: Sound): Sound {
  return source.channels.length === 1 ? source : sound(source.sampleRate, [meanOf(source.channels)]);
}

/** The mean of arrays of one length. */
export function meanOf(channels: readonly Float32Array[]): Float32Array {
  const first = channels[0];
  if (first === undefined) throw new ProsoponError("bad-input", "A sound has at least one channel.");
  if (channels.length === 1) return first;
  const result = new Float32Array(first.length);
  for (let at = 0; at < result.length; at += 1) {
    let sum = 0;
    for (const channel of channels) sum += channel[at]!;
    result[at] = sum / channels.length;
  }
  return result;
}
