import { ProsoponError } from "@prosopon/errors";
import { sizeOf, type Tensor, tensor } from "@prosopon/graph";

/** What goes from one frame to the next: enough to go on from it, bit for bit. */
export interface TalkState {
  /** The next frame. */
  readonly index: number;
  /** Latent of the identity picture, [1, C, h, w]. */
  readonly identity: Tensor<"float32">;
  /** Latents made before, the oldest first, each [1, C, h, w]. */
  readonly motion: readonly Tensor<"float32">[];
}

const magic = 0x31_4b_54_50; // "PTK1", little-endian

/** A state as bytes: magic, index, shape, count, then the latents as little-endian float32. */
export function encodeTalkState({ index, identity, motion }: TalkState): Uint8Array {
  const latents = [identity, ...motion];
  const size = identity.data.length;
  const bytes = new Uint8Array(4 * (7 + latents.length * size));
  const view = new DataView(bytes.buffer);
  for (const [i, value] of [magic, index, ...identity.shape, latents.length].entries())
    view.setUint32(4 * i, value, true);
  for (const [n, latent] of latents.entries())
    for (let i = 0; i < size; i++) view.setFloat32(4 * (7 + n * size + i), latent.data[i]!, true);
  return bytes;
}

/** The state in bytes of `encodeTalkState`. @throws `bad-file` for anything else. */
export function decodeTalkState(bytes: Uint8Array): TalkState {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (i: number) => (4 * i + 4 <= bytes.length ? view.getUint32(4 * i, true) : Number.NaN);
  const shape = [2, 3, 4, 5].map(word);
  const size = sizeOf(shape);
  const count = word(6);
  if (word(0) !== magic || !(count >= 1) || bytes.length !== 4 * (7 + count * size))
    throw new ProsoponError("bad-file", "These bytes hold no state of a talking face.", {
      values: { bytes: bytes.length },
      mend: "Start from the first frame.",
    });
  const latents = Array.from({ length: count }, (_, n) =>
    tensor(
      "float32",
      shape,
      Float32Array.from({ length: size }, (_, i) => view.getFloat32(4 * (7 + n * size + i), true)),
    ),
  );
  return { index: word(1), identity: latents[0]!, motion: latents.slice(1) };
}
