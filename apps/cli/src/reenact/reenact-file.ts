import {
  alignedNote,
  editedCrop,
  type FramedFace,
  findEmotion,
  frameFace,
  openReenactment,
  planesOf,
  type Reenactment,
  sixEmotions,
  sourcePicture,
} from "@prosopon/applications";
import { ProsoponError } from "@prosopon/errors";
import type { Image } from "@prosopon/media";
import { labelledSheet } from "@prosopon/media/node";
import { alignmentOf } from "@prosopon/models";
import { type EditSettings, editSettings, editTimes, finish } from "@prosopon/reenactment";
import { checkOutput } from "../check-output.ts";
import type { ReenactOptions } from "../commands/reenact.ts";
import type { Context } from "../context.ts";
import { modelFolders } from "../model-folders.ts";
import type { Reporter } from "../reporter.ts";
import { writePicture } from "../write-picture.ts";

const sweeps = { guidance: [1, 2, 3, 5, 8], strength: [200, 350, 500, 650, 800] } as const;

/** One inversion each: the emotions that it ends in, and under which settings. */
interface Round {
  readonly to: readonly string[];
  readonly settings: EditSettings;
  readonly labels: readonly string[];
}

function roundsOf(
  options: ReenactOptions,
  { emotions, guidance: own }: Reenactment["manifest"]["config"],
): readonly Round[] {
  const { strength, guidance, guidanceRule, steps, sampler, sigmas, inversion, seed, sweep } = options;
  const asked = { strength, guidance, guidanceRule, steps, sampler, sigmas, inversion, seed };
  const settings = editSettings(asked, { guidance: own });
  if (options.all) {
    const to = sixEmotions.map((name) => findEmotion(name, emotions));
    return [{ to, settings, labels: to }];
  }
  const to = [findEmotion(options.to!, emotions)];
  if (!sweep) return [{ to, settings, labels: to }];
  return sweeps[sweep].map((value) => ({
    to,
    settings: { ...settings, [sweep]: value },
    labels: [`${sweep} ${value}`],
  }));
}

async function sourceEmotion(opened: Reenactment, crop: Image, given: string | undefined, reporter: Reporter) {
  if (given !== undefined) return { emotion: given, recognised: false };
  const found = await opened.recognise(crop);
  if (!found) {
    const neutral = opened.manifest.config.emotions[0]!;
    reporter.warn(
      `No emotion classifier for ${opened.manifest.domain} is installed: the face is taken to be ${neutral}. Say it with --from.`,
    );
    return { emotion: neutral, recognised: false };
  }
  const percent = Math.round(100 * found.confidence);
  reporter.note(`The face looks ${found.emotion} (${percent} %).`);
  if (found.confidence < 0.5)
    reporter.warn(`The emotion of the face is unclear (${found.emotion}, ${percent} %). Say it with --from.`);
  return { ...found, recognised: true };
}

function describe(framed: FramedFace) {
  if (!framed.face) return { aligned: framed.aligned, found: framed.found };
  const { x, y, width, height, score } = framed.face.box;
  return { aligned: framed.aligned, found: framed.found, box: { x, y, width, height }, score };
}

/** `prosopon reenact`: a picture file in, an edited, marked picture file out. */
export async function reenactFile(
  context: Context,
  reporter: Reporter,
  file: string,
  options: ReenactOptions,
): Promise<void> {
  const started = performance.now();
  const { signal } = context;
  const warn = (text: string) => reporter.warn(text);
  await checkOutput(options.output, [file]);
  const folders = modelFolders(context);
  const { model, precision } = options;
  // int8 is for the processor: where that is left open, it decides.
  const device = precision === "int8" && options.device === "auto" ? "cpu" : options.device;
  await using opened = await openReenactment({ folders, model, device, signal });
  const { manifest, side, host } = opened;
  const editor = await opened.editor(precision);
  const { emotions, schedule } = manifest.config;
  const rounds = roundsOf(options, manifest.config);
  for (const { settings } of rounds) editTimes(settings.steps, settings.strength, schedule.timesteps);
  const given = options.from === undefined ? undefined : findEmotion(options.from, emotions);

  const { image, markedAligned } = await sourcePicture(file, warn);
  const aligned = options.aligned === true;
  const alignment = alignmentOf(manifest);
  const frame = { side, domain: manifest.domain, alignment, aligned, markedAligned, wanted: options.face, warn };
  const framed = await frameFace(image, { ...frame, find: (picture) => opened.faces(picture) });
  const photograph = manifest.domain === "rendered portraits" && !framed.aligned;
  if (photograph)
    warn(
      `This looks like a photograph, but the model ${manifest.name} only knows rendered portraits: do not expect a likeness. Photographs need a photograph model (--model).`,
    );
  if (host.fallback && device === "auto") reporter.note(`Computing on ${host.device}. ${host.fallback}`);

  const source = await sourceEmotion(opened, framed.crop, given, reporter);
  const progress = await reporter.progress(rounds.reduce((sum, { settings }) => sum + 2 * settings.steps, 0));
  const pictures: Image[] = [];
  let before = 0;
  try {
    for (const { to, settings } of rounds) {
      const edit = editor.editAll({ ...settings, image: planesOf(framed.crop), from: source.emotion, to, signal });
      const results = await finish(edit, ({ event, index }) => progress.update(before + index, event));
      const keep = { detail: options.detail };
      for (const result of results) pictures.push(framed.restore(editedCrop(result, framed.crop, keep)));
      before += 2 * settings.steps;
    }
  } finally {
    progress.stop();
  }
  const labels = rounds.flatMap((round) => round.labels);
  const single = pictures.length === 1;
  const output = single
    ? pictures[0]!
    : await labelledSheet(pictures, { columns: options.all ? 3 : pictures.length, labels });
  if (signal.aborted) throw new ProsoponError("cancelled", "Cancelled.");
  await writePicture(context, options.output, output, {
    kind: "compositeWithTrainedAlgorithmicMedia",
    software: "Prosopon",
    version: context.version,
    model: manifest.name,
    ...(single && framed.aligned ? { note: alignedNote } : {}),
  });
  const seconds = (performance.now() - started) / 1000;
  const to = [...new Set(rounds.flatMap((round) => round.to))];
  reporter.result(
    {
      command: "reenact",
      input: file,
      output: options.output,
      model: manifest.name,
      domain: manifest.domain,
      device: host.device,
      precision,
      from: source,
      to,
      settings: rounds.length === 1 ? rounds[0]!.settings : rounds.map((round) => round.settings),
      labels,
      face: describe(framed),
      photograph,
      width: output.width,
      height: output.height,
      seconds,
    },
    `${options.output}: ${source.emotion} to ${options.sweep ? `${to.join()} at ` : ""}${labels.join(", ")} in ${seconds.toFixed(1)} s`,
  );
}
