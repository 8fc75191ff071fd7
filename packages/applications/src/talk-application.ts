import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { emotions, type Intensity } from "@prosopon/corpus";
import { ProsoponError } from "@prosopon/errors";
import { type Application, type ApplicationFrame, type Artifact, file } from "@prosopon/jobs";
import { image } from "@prosopon/media";
import { encodeImage, soundChunks } from "@prosopon/media/node";
import { alignmentOf } from "@prosopon/models";
import type { DeviceName } from "@prosopon/runtime";
import { decodeTalkState, encodeTalkState, type TalkFrame, talkSettingsSchema } from "@prosopon/talking-face";
import * as z from "zod";
import type { ApplicationOptions } from "./application-options.ts";
import { openFilmRecorder } from "./film-recorder.ts";
import { oncePerDevice } from "./once-per-device.ts";
import { openTalkingFace } from "./open-talking-face.ts";
import { framedInput, pictureFields } from "./picture-input.ts";
import { portraitFrames } from "./portrait-frames.ts";

const { steps, guidance, audioGuidance, seed } = talkSettingsSchema.shape;

const input = z.strictObject({
  ...pictureFields,
  speech: file({ accept: ["audio/*", "video/*"], limit: 256 * 2 ** 20 })
    .optional()
    .describe("What is said: a recording"),
  live: z.boolean().default(false).describe("The speech is sent while the portrait speaks, instead of a recording"),
  emotion: z.enum(emotions).default("neutral").describe("What the face shows"),
  intensity: z.int().min(1).max(3).default(2).describe("How strongly, 1 to 3"),
  motion: z.number().min(0).max(1).default(1).describe("How much the head moves by itself"),
  steps: steps.describe("Network calls for each frame"),
  guidance: guidance.describe("Exaggerates the emotion above 1"),
  audioGuidance: audioGuidance.describe("Exaggerates the speech above 1"),
  seed: seed.describe("Names noise, blinks and head motion"),
});

/** Frames between states that are kept for going on after a loss. */
const stateEvery = 25;

/** Makes a portrait speak: JPEG frames as they are made, a film with the sound at the end. */
export function talkApplication({
  folders,
  version,
  ffmpeg,
  identity,
  together,
}: ApplicationOptions): Application<typeof input> {
  const models = oncePerDevice((device: DeviceName, signal) => openTalkingFace({ folders, device, together, signal }));
  const program = ffmpeg === undefined ? {} : { ffmpeg };
  return {
    specification: "application/v1",
    name: "talk",
    description: "Make a portrait speak.",
    input,
    output: "frames",
    needs: { megabytes: 800 },
    async *run(
      { picture, person, consent, speech, live, intensity, ...rest },
      { device, folder, signal, resume, live: arriving },
    ): AsyncGenerator<ApplicationFrame, Artifact, undefined> {
      if (live === (speech !== undefined))
        throw new ProsoponError("bad-input", "Exactly one of speech and live is needed.", {
          mend: "Give a recording, or set live and send the speech.",
        });
      if (live && !arriving)
        throw new ProsoponError("unavailable", "No live speech reaches this worker.", { mend: "Give a recording." });
      const opened = await models.open(device as DeviceName);
      const { side, manifest } = opened;
      const warnings: string[] = [];
      const framed = await framedInput(
        { picture, person, consent },
        {
          side,
          domain: manifest.domain,
          alignment: alignmentOf(manifest),
          faces: opened.faces,
          warn: (text) => warnings.push(text),
        },
      );
      const sound = speech && join(folder, "speech");
      if (sound) await writeFile(sound, speech.bytes);
      const given = { ...rest, portrait: framed.crop, intensity: intensity as Intensity };
      // A picture that was given lives on in the film; a drawn person is all the model's.
      const kind = picture ? "compositeWithTrainedAlgorithmicMedia" : "trainedAlgorithmicMedia";
      const rate = manifest.config.framesPerSecond;
      await using recorder = await openFilmRecorder({
        first: resume === undefined ? 0 : resume.index + 1,
        folder,
        side,
        rate,
        sound,
        version,
        model: manifest.name,
        kind,
        identity,
        signal,
        ...program,
      });
      const frames = portraitFrames(
        opened,
        { ...given, speech: sound ? soundChunks(sound, { ...program, signal }) : recorder.listening(arriving!) },
        { signal, ...(resume ? { from: decodeTalkState(resume.state) } : {}) },
      );
      for await (const frame of frames) {
        await recorder.write(frame);
        yield await encoded(frame, rate);
      }
      // After a resumption the film's beginning is made anew: the same input gives the same frames.
      const artifact = await recorder.close((heard) => portraitFrames(opened, { ...given, speech: heard }, { signal }));
      return { ...artifact, table: { ...artifact.table, warnings } };
    },
    close: models.close,
  };
}

async function encoded(frame: TalkFrame, rate: number): Promise<ApplicationFrame> {
  const { index, pts, width, height, pixels, state } = frame;
  const bytes = await encodeImage(image(width, height, 3, pixels), "image/jpeg", { quality: 80 });
  const kept = (index + 1) % stateEvery === 0 ? { state: encodeTalkState(state) } : {};
  return { event: "frame", index, pts, duration: 1 / rate, width, height, bytes, mime: "image/jpeg", ...kept };
}
