import { setTimeout as sleep } from "node:timers/promises";
import { type Application, file } from "@prosopon/jobs";
import * as z from "zod";

const input = z.strictObject({
  portrait: file({ accept: ["image/*"], limit: 2 ** 20 })
    .optional()
    .describe("A face, or a drawn one."),
  consent: z.boolean().default(false).describe("The person in the portrait agreed."),
  mood: z.enum(["neutral", "very happy"]).default("neutral").describe("How it looks."),
  frames: z.int().min(0).max(100_000).default(5).describe("How many pictures."),
  fps: z.number().min(0.1).max(1000).default(25).describe("How fast they come."),
  size: z.int().min(1).max(10_000_000).default(64).describe("Bytes of a picture."),
  seed: z.int().default(7),
  fail: z.boolean().default(false).describe("Fail after the last picture."),
  listen: z.boolean().default(false).describe("A picture for each second of live sound."),
  words: z.array(z.string().max(20)).max(4).optional(),
  place: z.strictObject({ x: z.number(), y: z.number() }).optional(),
});

/** A JPEG's first bytes, then `tag` and zeros: `size` bytes in all. */
export function pretendedJpeg(tag: string, size: number): Uint8Array {
  const text = new TextEncoder().encode(tag);
  const bytes = new Uint8Array(Math.max(size, 4 + text.length));
  bytes.set([0xff, 0xd8, 0xff, 0xe0]);
  bytes.set(text, 4);
  return bytes;
}

/** An application without a model: pictures that say their number, at a given pace. */
export const paint: Application<typeof input> = {
  specification: "application/v1",
  name: "paint-faces",
  description: "Pictures without a model, for tests.",
  input,
  output: "frames",
  async *run({ frames, fps, size, fail, listen }, { signal, live }) {
    const begun = performance.now();
    const frame = (index: number) =>
      ({
        event: "frame",
        index,
        pts: index / fps,
        duration: 1 / fps,
        width: 2,
        height: 2,
        mime: "image/jpeg",
        bytes: pretendedJpeg(`frame ${index + 1}`, size),
      }) as const;
    if (listen) {
      let samples = 0;
      let index = 0;
      for await (const chunk of live ?? []) {
        samples += chunk.length;
        while (samples >= 16_000 * (index + 1)) yield frame(index++);
      }
      return { name: "painting.png", mime: "image/png", bytes: new TextEncoder().encode(`${samples} samples`) };
    }
    for (let index = 0; index < frames; index++) {
      const wait = begun + (1000 * index) / fps - performance.now();
      if (wait > 1) await sleep(wait, undefined, { signal });
      yield frame(index);
    }
    if (fail) throw new Error("/secret/path/of/a/model is broken");
    return {
      name: "painting.png",
      mime: "image/png",
      bytes: Uint8Array.from({ length: 1000 }, (_, at) => at % 251),
      table: { frames },
    };
  },
};
