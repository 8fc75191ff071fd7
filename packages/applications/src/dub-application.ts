import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { emotions } from "@prosopon/corpus";
import { ProsoponError } from "@prosopon/errors";
import { type Application, file } from "@prosopon/jobs";
import { encodeImage } from "@prosopon/media/node";
import type { DeviceName } from "@prosopon/runtime";
import { talkSettingsSchema } from "@prosopon/talking-face";
import * as z from "zod";
import type { ApplicationOptions } from "./application-options.ts";
import { dubFilm } from "./dub-film.ts";
import { lostPolicies } from "./dub-frames.ts";
import { oncePerDevice } from "./once-per-device.ts";
import { openTalkingFace } from "./open-talking-face.ts";
import { isDrawn } from "./own-mark.ts";

const { steps, guidance, seed } = talkSettingsSchema.shape;

const input = z.strictObject({
  video: file({ accept: ["video/*"], limit: 256 * 2 ** 20 }).describe("The film whose face is to say something else"),
  speech: file({ accept: ["audio/*", "video/*"], limit: 256 * 2 ** 20 }).describe("What is said: a recording"),
  consent: z.boolean().default(false).describe("The person in the film agreed to this use"),
  emotion: z.enum(emotions).default("neutral").describe("What the lower face shows"),
  steps: steps.describe("Network calls for each frame"),
  guidance: guidance.describe("Exaggerates the emotion above 1"),
  seed: seed.describe("Names the noise"),
  lost: z.enum(lostPolicies).default("hold").describe("What becomes of frames without the face"),
});

/** Makes the face of a film say something else: JPEG frames as they are made, the film at the end. */
export function dubApplication({
  folders,
  version,
  ffmpeg,
  identity,
  together,
}: ApplicationOptions): Application<typeof input> {
  const models = oncePerDevice((device: DeviceName, signal) => openTalkingFace({ folders, device, together, signal }));
  return {
    specification: "application/v1",
    name: "dub",
    description: "Make the face of a film say something else.",
    input,
    output: "frames",
    needs: { megabytes: 900 },
    async *run({ video, speech, consent, ...rest }, { device, folder, signal }) {
      if (!consent && !isDrawn(video.bytes))
        throw new ProsoponError("bad-input", "The person in the film must have agreed to this use.", {
          mend: "Set consent if they have, or use a film of a drawn avatar.",
        });
      const opened = await models.open(device as DeviceName);
      const [film, sound, output] = ["film", "speech", "dub.mp4"].map((name) => join(folder, name));
      await writeFile(film!, video.bytes);
      await writeFile(sound!, speech.bytes);
      const dubbing = dubFilm(opened, {
        ...rest,
        video: film!,
        speech: sound!,
        output: output!,
        version,
        signer: identity,
        signal,
        ...(ffmpeg === undefined ? {} : { ffmpeg }),
      });
      for (;;) {
        const { done, value } = await dubbing.next();
        if (done) return { bytes: await readFile(output!), mime: "video/mp4", name: "dub.mp4", table: { ...value } };
        const { index, pts, image } = value;
        const { width, height } = image;
        const duration = 1 / opened.manifest.config.framesPerSecond;
        const bytes = await encodeImage(image, "image/jpeg", { quality: 80 });
        yield { event: "frame", index, pts, duration, width, height, bytes, mime: "image/jpeg" };
      }
    },
    close: models.close,
  };
}
