import { emotions } from "@prosopon/corpus";
import type { Application } from "@prosopon/jobs";
import { resize } from "@prosopon/media";
import { encodeImage, labelledSheet } from "@prosopon/media/node";
import { alignmentOf } from "@prosopon/models";
import { editSettings, editSettingsSchema, precisions, usualSteps } from "@prosopon/reenactment";
import type { DeviceName } from "@prosopon/runtime";
import * as z from "zod";
import type { ApplicationOptions } from "./application-options.ts";
import { editedCrop } from "./edited-crop.ts";
import { findEmotion } from "./find-emotion.ts";
import { alignedNote, markedPicture } from "./marked-picture.ts";
import { oncePerDevice } from "./once-per-device.ts";
import { openReenactment } from "./open-reenactment.ts";
import { framedInput, pictureFields } from "./picture-input.ts";
import { imageOf, planesOf } from "./planes.ts";

const { strength, steps, guidance, sampler, seed } = editSettingsSchema.shape;

const input = z.strictObject({
  ...pictureFields,
  from: z.enum(emotions).optional().describe("The emotion that the picture shows; recognised if not given"),
  to: z.array(z.enum(emotions)).min(1).max(8).describe("The emotions wanted; several make a labelled sheet"),
  strength: strength.describe("How much may change, 1 to 999"),
  steps: steps.describe(
    `Network calls each way, 1 to 1000; ${usualSteps.edit} if not given, ${usualSteps.ddim} with ddim`,
  ),
  guidance: guidance.describe("How strongly the emotion pulls; 1 is not at all; the model's own if not given"),
  sampler: sampler.describe("Way back from noise; dpmpp-2m if not given, ddim is the thesis' own"),
  seed: seed.describe("Names the noise, where a sampler draws any"),
  precision: z
    .enum(precisions)
    .default("float32")
    .describe("int8 is faster on the processor and a little less exact, for calibrated models"),
});

/** Changes the emotion of a face; its frames are previews on the way. */
export function reenactApplication({
  folders,
  version,
  identity,
  together,
}: ApplicationOptions): Application<typeof input> {
  const models = oncePerDevice((device: DeviceName, signal) => openReenactment({ folders, device, together, signal }));
  return {
    specification: "application/v1",
    name: "reenact",
    description: "Change the emotion of a face.",
    input,
    output: "image",
    needs: { megabytes: 600 },
    async *run({ picture, person, consent, from, to, precision, ...asked }, { device, signal }) {
      const opened = await models.open(device as DeviceName);
      const editor = await opened.editor(precision);
      const { manifest, side } = opened;
      const { domain, config } = manifest;
      // The result tells what was taken, given or not.
      const settings = editSettings(asked, { guidance: config.guidance });
      const warnings: string[] = [];
      const framed = await framedInput(
        { picture, person, consent },
        { side, domain, alignment: alignmentOf(manifest), faces: opened.faces, warn: (text) => warnings.push(text) },
      );
      const source = from ?? (await opened.recognise(framed.crop))?.emotion ?? config.emotions[0]!;
      const edit = editor.editAll({
        ...settings,
        image: planesOf(framed.crop),
        from: findEmotion(source, config.emotions),
        to: to.map((name) => findEmotion(name, config.emotions)),
        signal,
      });
      let frames = 0;
      for (;;) {
        const { done, value } = await edit.next();
        if (done) {
          const pictures = value.map((result) => framed.restore(editedCrop(result, framed.crop)));
          const single = pictures.length === 1;
          const result = single
            ? pictures[0]!
            : await labelledSheet(
                pictures.map((one) => resize(one, { width: 2 * one.width, height: 2 * one.height })),
                { columns: Math.min(3, pictures.length), labels: to },
              );
          const mark = {
            kind: "compositeWithTrainedAlgorithmicMedia",
            software: "Prosopon",
            version,
            model: manifest.name,
            identity,
            ...(single && framed.aligned ? { note: alignedNote } : {}),
          } as const;
          const bytes = await markedPicture(result, "image/png", mark);
          const table = { from: source, to, settings: { ...settings, precision }, warnings };
          return { bytes, mime: "image/png", name: `${to.join("-")}.png`, table };
        }
        yield { event: "progress", label: value.event, done: value.index, total: value.total };
        // Four looks on the way back, at the first emotion.
        if (value.event === "sampling" && value.index % Math.ceil(value.total / 8) === 0) {
          const seen = value.denoised;
          const size = seen.data.length / seen.shape[0]!;
          const first = { ...seen, shape: [1, ...seen.shape.slice(1)], data: seen.data.slice(0, size) };
          const look = imageOf(await editor.decode(first, { signal }));
          const shown = { index: frames, pts: frames / 10, duration: 0.1, width: look.width, height: look.height };
          frames++;
          yield {
            event: "frame",
            ...shown,
            bytes: await encodeImage(look, "image/jpeg", { quality: 80 }),
            mime: "image/jpeg",
          };
        }
      }
    },
    close: models.close,
  };
}
