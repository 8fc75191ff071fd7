import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { faceExperts, openDenoiser } from "@prosopon/applications";
import { ProsoponError } from "@prosopon/errors";
import type { ActivationRanges } from "@prosopon/graph";
import { writeRanges } from "@prosopon/models/node";
import { calibrate, editTimes, finish } from "@prosopon/reenactment";
import { createHost } from "@prosopon/runtime/node";
import { checkPlace } from "../check-output.ts";
import type { Context } from "../context.ts";
import { defaultModels, modelFolders } from "../model-folders.ts";
import type { Reporter } from "../reporter.ts";
import { calibrationPictures } from "./calibration-pictures.ts";
import { type Int8Quality, judgeInt8 } from "./judge-int8.ts";

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
  const { manifest, parameters } = denoiser;
  const { config, domain } = manifest;
  editTimes(steps, strength, config.schedule.timesteps);
  const own = written([denoiser, firstStage], output);
  const placeOf = ({ folder }: Network) => (output === undefined ? dirname(resolve(folder)) : resolve(output));
  // Where it cannot be made, the next line says so.
  if (output !== undefined) await mkdir(output, { recursive: true }).catch(() => {});
  for (const one of own) await checkPlace(join(placeOf(one), "ranges.json"), []);
  await using host = await createHost();
  const { measured, judged, note } = await calibrationPictures({
    manifest,
    side: firstStage.manifest.config.ddconfig.resolution,
    faces: faceExperts({ host, folders: around, domain, emotions: config.emotions, signal }),
    paths: options.pictures,
    count,
    warn: (text) => reporter.warn(text),
  });
  const settings = { strength, steps };
  const networks = {
    host,
    firstStage: { config: firstStage.manifest.config, parameters: firstStage.parameters },
    denoiser: { config, parameters },
  };
  const progress = await reporter.progress(2 * steps * (measured.length + 2 * judged.length));
  let done = 0;
  const advance = (label: string) => () => progress.update(++done, label);
  /** Of denoiser and first stage; one that is not written keeps the ranges that it has. */
  const ranges = new Map<Network, ActivationRanges>();
  let quality: Int8Quality;
  try {
    const edits = measured.map((edit) => ({ ...edit, ...settings, signal }));
    const found = await finish(calibrate({ ...networks, edits }), advance("measuring"));
    ranges.set(denoiser, found.denoiser);
    ranges.set(firstStage, own.includes(firstStage) ? found.firstStage : firstStage.ranges!);
    quality = await judgeInt8({
      host,
      firstStage: { ...networks.firstStage, ranges: ranges.get(firstStage) },
      denoiser: { ...networks.denoiser, ranges: ranges.get(denoiser) },
      edits: judged,
      settings,
      signal,
      onEvent: advance("judging"),
    });
  } finally {
    progress.stop();
  }
  if (signal.aborted) throw new ProsoponError("cancelled", "Cancelled.");
  const sentence = `Edits of ${note} at strength ${strength} in ${steps} steps.`;
  for (const one of own)
    await writeRanges({ model: one.folder, ranges: ranges.get(one)!, measured: sentence, folder: placeOf(one) });
  const places = own.map((one) => join(placeOf(one), one.manifest.name));
  const operators = (of: Network) => Object.keys(ranges.get(of)!).length;
  const { decoded, edited, time } = quality;
  reporter.result(
    {
      command: "models calibrate",
      models: places,
      settings,
      pictures: { measured: measured.length, judged: judged.length },
      operators: { firstStage: operators(firstStage), denoiser: operators(denoiser) },
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
}
