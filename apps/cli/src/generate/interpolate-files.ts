import { findEmotion, frameFace, imageOf, openReenactment, planesOf, sourcePicture } from "@prosopon/applications";
import { ProsoponError } from "@prosopon/errors";
import { labelledSheet } from "@prosopon/media/node";
import { alignmentOf } from "@prosopon/models";
import { editSettings, editTimes, finish } from "@prosopon/reenactment";
import { checkOutput } from "../check-output.ts";
import type { InterpolateOptions } from "../commands/interpolate.ts";
import type { Context } from "../context.ts";
import { modelFolders } from "../model-folders.ts";
import type { Reporter } from "../reporter.ts";
import { writePicture } from "../write-picture.ts";

/** `prosopon interpolate`: both faces are cut out, carried to noise, and all that lies between is sampled. */
export async function interpolateFiles(
  context: Context,
  reporter: Reporter,
  files: readonly [string, string],
  options: InterpolateOptions,
): Promise<void> {
  const { output, count, strength, guidance, eta, seed, device, model } = options;
  const asked = { strength, guidance, steps: options.steps, sampler: options.sampler, sigmas: options.sigmas, eta };
  const { steps, sampler, sigmas } = editSettings(asked);
  const started = performance.now();
  const { signal } = context;
  const warn = (text: string) => reporter.warn(text);
  await checkOutput(output, files);
  if (options.from !== undefined && options.from.length !== 2)
    throw new ProsoponError("bad-input", `--from names ${options.from.length} emotions for two pictures.`, {
      mend: "Give two: --from neutral happy.",
    });
  await using opened = await openReenactment({ folders: modelFolders(context), model, device, signal });
  const { manifest, side, host } = opened;
  const { emotions, schedule } = manifest.config;
  editTimes(steps, strength, schedule.timesteps);
  const to = options.to === undefined ? undefined : findEmotion(options.to, emotions);
  const given = options.from?.map((name) => findEmotion(name, emotions));
  const faces = [];
  for (const [which, file] of files.entries()) {
    const { image, markedAligned } = await sourcePicture(file, warn);
    const frame = {
      side,
      domain: manifest.domain,
      alignment: alignmentOf(manifest),
      aligned: false,
      markedAligned,
      wanted: undefined,
      warn,
    };
    const { crop } = await frameFace(image, { ...frame, find: (picture) => opened.faces(picture) });
    const emotion = given?.[which] ?? (await opened.recognise(crop))?.emotion;
    if (emotion === undefined) warn(`The emotion of ${file} cannot be recognised: it is taken to be ${emotions[0]}.`);
    faces.push({ crop, emotion: emotion ?? emotions[0]! });
  }
  const [a, b] = faces as [(typeof faces)[0], (typeof faces)[0]];
  const lambdas = Array.from({ length: count }, (_, i) => i / (count - 1));
  const editor = await opened.editor();
  const progress = await reporter.progress(3 * steps);
  let made: Awaited<ReturnType<typeof run>>;
  const run = () =>
    finish(
      editor.interpolate({
        images: [planesOf(a.crop), planesOf(b.crop)],
        from: [a.emotion, b.emotion],
        ...(to === undefined ? {} : { to }),
        lambdas,
        strength,
        guidance,
        steps,
        sampler,
        sigmas,
        eta,
        seed,
        signal,
      }),
      ({ event, index }) => progress.update(index, event),
    );
  try {
    made = await run();
  } finally {
    progress.stop();
  }
  const labels = ["first", ...made.map(({ lambda }) => lambda.toFixed(2)), "second"];
  const pictures = [a.crop, ...made.map(({ image }) => imageOf(image)), b.crop];
  const picture = await labelledSheet(pictures, { columns: pictures.length, labels });
  if (signal.aborted) throw new ProsoponError("cancelled", "Cancelled.");
  await writePicture(context, output, picture, {
    kind: "compositeWithTrainedAlgorithmicMedia",
    software: "Prosopon",
    version: context.version,
    model: manifest.name,
  });
  const seconds = (performance.now() - started) / 1000;
  const { width, height } = picture;
  reporter.result(
    {
      command: "interpolate",
      inputs: files,
      output,
      model: manifest.name,
      domain: manifest.domain,
      device: host.device,
      from: [a.emotion, b.emotion],
      to: made.map(({ emotion }) => emotion),
      lambdas,
      settings: { strength, guidance, steps, sampler, sigmas, eta, seed },
      width,
      height,
      seconds,
    },
    `${output}: ${count} faces between two in ${seconds.toFixed(1)} s`,
  );
}
