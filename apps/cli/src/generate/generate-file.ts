import { alignedNote, findEmotion, imageOf, openReenactment } from "@prosopon/applications";
import { ProsoponError } from "@prosopon/errors";
import { labelledSheet } from "@prosopon/media/node";
import { finish, generationSettings } from "@prosopon/reenactment";
import { checkOutput } from "../check-output.ts";
import type { GenerateOptions } from "../commands/generate.ts";
import type { Context } from "../context.ts";
import { modelFolders } from "../model-folders.ts";
import type { Reporter } from "../reporter.ts";
import { writePicture } from "../write-picture.ts";

/** Larger batches would not be faster, only larger. */
const batch = 8;

/** `prosopon generate`: one marked picture, or a labelled sheet of them. */
export async function generateFile(context: Context, reporter: Reporter, options: GenerateOptions): Promise<void> {
  const { output, count, sameFace = false, guidance, eta, seed, device, model } = options;
  const started = performance.now();
  const { signal } = context;
  await checkOutput(output);
  await using opened = await openReenactment({ folders: modelFolders(context), model, device, signal });
  const { manifest, host } = opened;
  const known = manifest.config.emotions;
  const wanted = options.all ? known : [findEmotion(options.emotion!, known)];
  const asked = { guidance, steps: options.steps, sampler: options.sampler, sigmas: options.sigmas, eta };
  const { steps, sampler, sigmas } = generationSettings(asked);
  const settings = { guidance, steps, sampler, sigmas, eta };
  const emotions = wanted.flatMap((name) => Array.from({ length: count }, () => name));
  if (emotions.length > 64)
    throw new ProsoponError("bad-input", `${emotions.length} pictures are too many for one sheet.`, {
      values: { count: emotions.length },
      mend: "Ask for at most 64.",
    });
  const editor = await opened.editor();
  const rounds = Math.ceil(emotions.length / batch);
  const progress = await reporter.progress(rounds * steps);
  const made = [];
  try {
    // With --same-face every emotion must see the noise of its place in the row of its own.
    const groups = sameFace
      ? Array.from({ length: count }, (_, i) => ({ emotions: [...wanted], seed: seed + i }))
      : Array.from({ length: rounds }, (_, i) => ({
          emotions: emotions.slice(i * batch, (i + 1) * batch),
          seed: seed + i,
        }));
    for (const [round, group] of groups.entries()) {
      const run = editor.generate({ ...settings, ...group, sameFace, signal });
      made.push(
        ...(await finish(run, ({ index }) =>
          progress.update(Math.min(round * steps + index, rounds * steps), "sampling"),
        )),
      );
    }
  } finally {
    progress.stop();
  }
  const pictures = made.map(({ image }) => imageOf(image));
  const labels = made.map(({ emotion }) => emotion);
  const single = pictures.length === 1;
  const columns = sameFace || options.all ? wanted.length : Math.min(8, pictures.length);
  const picture = single ? pictures[0]! : await labelledSheet(pictures, { columns, labels });
  if (signal.aborted) throw new ProsoponError("cancelled", "Cancelled.");
  await writePicture(context, output, picture, {
    kind: "trainedAlgorithmicMedia",
    software: "Prosopon",
    version: context.version,
    model: manifest.name,
    ...(single ? { note: alignedNote } : {}),
  });
  const seconds = (performance.now() - started) / 1000;
  const { width, height } = picture;
  reporter.result(
    {
      command: "generate",
      output,
      model: manifest.name,
      domain: manifest.domain,
      device: host.device,
      emotions: labels,
      settings: { ...settings, seed, sameFace },
      width,
      height,
      seconds,
    },
    `${output}: ${single ? labels[0] : `${labels.length} faces`} by ${sampler} in ${seconds.toFixed(1)} s`,
  );
}
