import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { faceExperts, openDenoiser } from "@prosopon/applications";
import { ProsoponError } from "@prosopon/errors";
import type { ActivationRanges } from "@prosopon/graph";
import { writeRanges } from "@prosopon/models/node";
import { calibrate, type EditEvent, editTimes, finish } from "@prosopon/reenactment";
import { createHost } from "@prosopon/runtime/node";
import type { Context } from "../context.ts";
import { defaultModels, modelFolders } from "../model-folders.ts";
import type { Reporter } from "../reporter.ts";
import { calibrationPictures } from "./calibration-pictures.ts";
import { judgeInt8 } from "./judge-int8.ts";

export interface CalibrateModelOptions {
  readonly pictures?: readonly string[];
  readonly count: number;
  readonly strength: number;
  readonly steps: number;
  readonly output?: string;
  readonly json?: true;
}

/** What matters here of a denoiser and a first stage. */
interface Network {
  readonly manifest: { readonly name: string };
  readonly folder: string;
  readonly ranges: ActivationRanges | undefined;
}

/**
 * Which of a denoiser and its first stage are written: both into a folder that was given; else those that are the user's own, in their place.
 * @throws `bad-input` when what has no ranges comes with Prosopon, or there is nothing to write.
 */
function written(models: readonly [Network, Network], output: string | undefined): readonly Network[] {
  const shipped = defaultModels().map((folder) => resolve(folder));
  const own = models.filter(({ folder }) => output !== undefined || !shipped.includes(dirname(resolve(folder))));
  if (own.includes(models[0]) && models.every((one) => own.includes(one) || one.ranges)) return own;
  const name = models.find((one) => !own.includes(one))?.manifest.name;
  throw new ProsoponError("bad-input", `The model ${name} comes with Prosopon and is not changed.`, {
    values: { name },
    mend: "Give a folder with -o: the calibrated models are written there.",
  });
}

/** `prosopon models calibrate`: ranges are measured, int8 is judged on other pictures, and the models are written with their ranges. */
export async function calibrateModel(
  context: Context,
  reporter: Reporter,
  model: string,
  options: CalibrateModelOptions,
): Promise<void> {
  const { signal } = context;
  const { count, strength, steps, output } = options;
  const folders = modelFolders(context);
  const { denoiser, firstStage, around } = await openDenoiser({ kind: "reenactment", folders, model, signal });
  const { manifest } = denoiser;
  const { config, domain } = manifest;
  editTimes(steps, strength, config.schedule.timesteps);
  const own = written([denoiser, firstStage], output);
  await using host = await createHost();
  const pictures = await calibrationPictures({
    manifest,
    side: firstStage.manifest.config.ddconfig.resolution,
    faces: faceExperts({ host, folders: around, domain, emotions: config.emotions, signal }),
    paths: options.pictures,
    count,
    warn: (text) => reporter.warn(text),
  });
  const { measured, judged } = pictures;
  const settings = { strength, steps };
  const progress = await reporter.progress(2 * steps * (measured.length + 2 * judged.length));
  let done = 0;
  const advance = (label: string) => (_: EditEvent) => progress.update(++done, label);
  const stage = { config: firstStage.manifest.config, parameters: firstStage.parameters };
  const network = { config, parameters: denoiser.parameters };
  try {
    const edits = measured.map((edit) => ({ ...edit, ...settings, signal }));
    const found = await finish(calibrate({ host, firstStage: stage, denoiser: network, edits }), advance("measuring"));
    // What is not written keeps the ranges that it has.
    const ranges = {
      firstStage: own.includes(firstStage) ? found.firstStage : firstStage.ranges,
      denoiser: found.denoiser,
    };
    const quality = await judgeInt8({
      host,
      firstStage: { ...stage, ranges: ranges.firstStage },
      denoiser: { ...network, ranges: ranges.denoiser },
      edits: judged,
      settings,
      signal,
      onEvent: advance("judging"),
    });
    signal.throwIfAborted();
    if (output !== undefined) await mkdir(output, { recursive: true });
    const note = `Edits of ${pictures.note} at strength ${strength} in ${steps} steps.`;
    const places: string[] = [];
    for (const one of own) {
      const folder = output === undefined ? dirname(resolve(one.folder)) : resolve(output);
      const measuredRanges = (one === denoiser ? ranges.denoiser : ranges.firstStage)!;
      await writeRanges({ model: one.folder, ranges: measuredRanges, measured: note, folder });
      places.push(join(folder, one.manifest.name));
    }
    const { decoded, edited, time } = quality;
    reporter.result(
      {
        command: "models calibrate",
        models: places,
        settings,
        pictures: { measured: measured.length, judged: judged.length },
        operators: {
          firstStage: Object.keys(ranges.firstStage!).length,
          denoiser: Object.keys(ranges.denoiser).length,
        },
        quality,
      },
      [
        `int8 against float32, ${edited.count} edits of ${judged.length} other pictures:`,
        `  decoded pictures  PSNR ${decoded.mean.toFixed(1)} dB, worst ${decoded.minimum.toFixed(1)}`,
        `  whole edits       PSNR ${edited.mean.toFixed(1)} dB, worst ${edited.minimum.toFixed(1)}`,
        `  time              ${time.toFixed(2)} of that in float32`,
        ...places,
      ].join("\n"),
    );
  } finally {
    progress.stop();
  }
}
