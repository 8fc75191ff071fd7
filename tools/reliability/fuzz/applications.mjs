// What the fuzzed service offers: the media package's decoders on whatever was uploaded, as the applications call them, and a drawing without a model.
import { file } from "@prosopon/jobs";
import { readImage, readVideo, soundChunks } from "@prosopon/media/node";
import * as z from "zod";

const decode = {
  specification: "application/v1",
  name: "decode",
  description: "Decodes a file.",
  input: z.strictObject({
    picture: file({ accept: ["image/*"], limit: 2 ** 24 }).optional(),
    sound: file({ accept: ["audio/*"], limit: 2 ** 24 }).optional(),
    film: file({ accept: ["video/*"], limit: 2 ** 24 }).optional(),
  }),
  output: "table",
  async *run({ picture, sound, film }, { folder, signal }) {
    yield { event: "progress", label: "files", done: 0, total: 1 };
    let read = 0;
    if (picture) read += (await readImage(picture.bytes, { alpha: "keep" })).data.length;
    if (sound) for await (const chunk of soundChunks(sound.bytes, { signal, limitSeconds: 60 })) read += chunk.length;
    if (film) {
      const { writeFile } = await import("node:fs/promises");
      const path = `${folder}/film`;
      await writeFile(path, film.bytes);
      const video = await readVideo(path, { signal, limitSeconds: 60 });
      for await (const frame of video.frames()) read += frame.data.length;
    }
    return { name: "read.json", mime: "application/json", bytes: new TextEncoder().encode(`${read}`), table: { read } };
  },
};

const draw = {
  specification: "application/v1",
  name: "draw",
  description: "Pictures without a model.",
  input: z.strictObject({
    frames: z.int().min(0).max(5).default(3).describe("How many pictures."),
    mood: z.enum(["neutral", "very happy"]).default("neutral"),
    place: z.strictObject({ x: z.number(), y: z.number() }).optional(),
    words: z.array(z.string().max(20)).max(4).optional(),
  }),
  output: "frames",
  async *run({ frames }) {
    for (let index = 0; index < frames; index++)
      yield {
        event: "frame",
        index,
        pts: index / 25,
        duration: 1 / 25,
        width: 1,
        height: 1,
        mime: "image/jpeg",
        bytes: Uint8Array.of(0xff, 0xd8, 0xff, index),
      };
    return { name: "drawn.bin", mime: "application/octet-stream", bytes: Uint8Array.of(frames) };
  },
};

export const applications = [decode, draw];
