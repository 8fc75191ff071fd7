import { join } from "node:path";
import { type AudioFeatures, wav2vec2Features } from "@prosopon/conditioning";
import { ProsoponError } from "@prosopon/errors";
import { listModels, openModelFolder } from "@prosopon/models/node";
import { createFaceFinder, type FaceFinder } from "@prosopon/perception";
import {
  type DataLayout,
  dataLatents,
  dataLayouts,
  dataSplits,
  encodeClips,
  leftOutFile,
  openData,
  openFirstStage,
  prepareData,
} from "@prosopon/recipes/node";
import { createHost } from "@prosopon/runtime/node";
import { openWeights } from "@prosopon/weights/node";
import type { DataPrepareOptions } from "../commands/data.ts";
import type { Context } from "../context.ts";
import { modelFolders } from "../model-folders.ts";
import type { Progress, Reporter } from "../reporter.ts";

type Host = Awaited<ReturnType<typeof createHost>>;

async function openFinder(context: Context, host: Host): Promise<FaceFinder | undefined> {
  const found = (await listModels(modelFolders(context))).find((one) => one.manifest?.kind === "face-finder");
  if (!found) return undefined;
  const { manifest, parameters } = await openModelFolder(found.folder, { kind: "face-finder", signal: context.signal });
  return createFaceFinder({ host, parameters, size: manifest.config.size });
}

async function openFeatures(host: Host, file: string | undefined): Promise<AudioFeatures | undefined> {
  if (file === undefined) return undefined;
  await using source = await openWeights(file);
  const weights = new Map<string, Awaited<ReturnType<typeof source.read>>>();
  for (const name of source.names) weights.set(name, await source.read(name));
  return wav2vec2Features({ kind: "hidden", host, weights });
}

/** An installed model by name, or a path. */
async function firstStageFolder(context: Context, named: string): Promise<string> {
  const models = await listModels(modelFolders(context));
  return models.find((one) => one.name === named && one.manifest?.kind === "first-stage")?.folder ?? named;
}

/** Progress that starts anew with each phase. */
function phases(reporter: Reporter) {
  let label = "";
  let current: Progress | undefined;
  let opening: Promise<void> | undefined;
  return {
    update(phase: string, done: number, total: number): void {
      if (phase !== label) {
        current?.stop();
        label = phase;
        current = undefined;
        const mine = reporter.progress(total).then((made) => {
          // A short phase may be over before its bar is there.
          if (opening === mine) current = made;
          else made.stop();
        });
        opening = mine;
      }
      current?.update(done, phase);
    },
    async stop(): Promise<void> {
      await opening;
      current?.stop();
    },
  };
}

/** `prosopon data prepare`. */
export async function prepareFolder(
  context: Context,
  reporter: Reporter,
  layout: DataLayout,
  input: string,
  options: DataPrepareOptions,
): Promise<void> {
  const started = performance.now();
  const { signal } = context;
  const { align, size, domain, fps, transcripts, emotion, ffmpeg } = options;
  const output = options.output ?? join("data", layout);
  const foreign = (name: string, given: unknown, only: DataLayout) => {
    if (given !== undefined && layout !== only)
      throw new ProsoponError("bad-input", `--${name} is for the layout ${only}, not ${layout}.`, {
        mend: "Leave it out.",
      });
  };
  foreign("emotion", emotion, "folder");
  foreign("fps", fps, "mead");
  foreign("transcripts", transcripts, "mead");
  foreign("wav2vec2", options.wav2vec2, "mead");
  // A first stage that cannot be opened should not be found out after hours.
  const firstStage =
    options.firstStage === undefined
      ? undefined
      : await openFirstStage(await firstStageFolder(context, options.firstStage));
  await using host = await createHost({ device: "cpu" });
  const alignment = align ?? dataLayouts[layout][0];
  const progress = phases(reporter);
  let latents = 0;
  let prepared: Awaited<ReturnType<typeof prepareData>>;
  try {
    prepared = await prepareData({
      layout,
      input,
      output,
      alignment,
      size,
      domain,
      emotion,
      transcripts,
      framesPerSecond: fps,
      features: await openFeatures(host, options.wav2vec2),
      finder: alignment === "none" ? undefined : await openFinder(context, host),
      ffmpeg,
      signal,
      onProgress: progress.update,
    });
    const { kind, counts } = prepared.manifest;
    for (const split of firstStage ? dataSplits : []) {
      if (counts[split] === 0) continue;
      const data = await openData(output, { kind, split });
      const encoding = {
        firstStage: firstStage!,
        onProgress: (done: number, total: number) => progress.update(`encoding ${split}`, done, total),
        signal,
      };
      await (kind === "clips" ? encodeClips(data, encoding) : dataLatents(data, encoding));
      latents += counts[split];
    }
  } finally {
    await progress.stop();
  }
  const { manifest, resumed, annotated } = prepared;
  const { counts, leftOut } = manifest;
  const lost = Object.values(leftOut).reduce((a, b) => a + b, 0);
  if (lost > 0)
    reporter.warn(
      `${lost} left out (${Object.entries(leftOut)
        .map(([reason, count]) => `${reason}: ${count}`)
        .join(", ")}); ${join(output, leftOutFile)} lists them.`,
    );
  if (annotated > 0) reporter.warn(`${annotated} faces were not found and lie where the data set says.`);
  const seconds = (performance.now() - started) / 1000;
  reporter.result(
    {
      command: "data prepare",
      layout,
      input,
      output,
      kind: manifest.kind,
      alignment: manifest.alignment,
      counts,
      leftOut,
      annotated,
      resumed,
      ...(manifest.kind === "clips" ? { transcripts: prepared.transcripts } : {}),
      latents,
      seconds,
    },
    `${output}: ${counts.train} for training, ${counts.validation} for validation, ${counts.test} for tests`,
  );
}
