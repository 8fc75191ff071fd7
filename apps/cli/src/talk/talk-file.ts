import { resolve } from "node:path";
import {
  findEmotion,
  frameFace,
  openFilm,
  openTalkingFace,
  portraitFrames,
  sourcePicture,
} from "@prosopon/applications";
import { ProsoponError } from "@prosopon/errors";
import { image } from "@prosopon/media";
import { soundChunks } from "@prosopon/media/node";
import { alignmentOf } from "@prosopon/models";
import { checkFilm, checkOutput } from "../check-output.ts";
import type { TalkOptions } from "../commands/talk.ts";
import type { Context } from "../context.ts";
import { ffmpegOption } from "../ffmpeg-option.ts";
import { modelFolders } from "../model-folders.ts";
import type { Reporter } from "../reporter.ts";
import { signingIdentity } from "../signing-identity.ts";
import { paced } from "./paced.ts";
import { createPreview } from "./preview.ts";

const sampleRate = 16_000;

/** How much speech there is; reading it through first refuses a damaged recording before anything is computed. */
async function secondsOf(speech: string, options: { ffmpeg?: string; signal: AbortSignal }): Promise<number> {
  let samples = 0;
  for await (const chunk of soundChunks(speech, { ...options, sampleRate })) samples += chunk.length;
  return samples / sampleRate;
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);

/** `prosopon talk`: a portrait and a recording in, a marked film out. */
export async function talkFile(
  context: Context,
  reporter: Reporter,
  { portrait, speech }: { readonly portrait: string; readonly speech: string },
  options: TalkOptions,
): Promise<void> {
  const { signal, version } = context;
  const warn = (text: string) => reporter.warn(text);
  const ffmpeg = ffmpegOption(context);
  const signer = signingIdentity(context);
  await checkFilm(options.output, [portrait, speech], { silent: true });
  if (options.preview !== undefined) {
    await checkOutput(options.preview, [portrait, speech]);
    if (resolve(options.preview) === resolve(options.output))
      throw new ProsoponError("bad-input", "The preview would take the place of the film.", {
        values: { preview: options.preview },
        mend: "Name another file with --preview.",
      });
  }
  const folders = modelFolders(context);
  const { image: picture, markedAligned } = await sourcePicture(portrait, warn);
  const begun = performance.now();
  const seconds = await secondsOf(speech, { ...ffmpeg, signal });
  const audioMs = performance.now() - begun;

  const loading = performance.now();
  await using opened = await openTalkingFace({ folders, model: options.model, device: options.device, signal });
  const { manifest, side, host, talker } = opened;
  const { config, domain } = manifest;
  const emotion = findEmotion(options.emotion, config.emotions);
  const { steps, guidance, audioGuidance, seed, identity } = options;
  const settings = { steps, guidance, audioGuidance, seed, identity };
  await talker.prepare({ width: side, height: side, ...settings });
  const loadMs = performance.now() - loading;

  const framed = await frameFace(picture, {
    side,
    domain,
    alignment: alignmentOf(manifest),
    aligned: options.aligned === true,
    markedAligned,
    wanted: options.face,
    find: (one) => opened.faces(one),
    warn,
  });
  if (domain === "rendered portraits" && !framed.aligned)
    warn(
      `This looks like a photograph, but the model ${manifest.name} only knows rendered portraits. Make a portrait of it first: prosopon portrait --like ${portrait} -o avatar.png`,
    );
  if (host.fallback && options.device === "auto") reporter.note(`Computing on ${host.device}. ${host.fallback}`);
  const rate = options.fps ?? config.framesPerSecond;
  if (rate !== config.framesPerSecond)
    warn(`The model was trained at ${config.framesPerSecond} frames per second; at ${rate} its lips follow less well.`);
  const total = Math.ceil(seconds * rate - 1e-9);
  const silent = options.output.toLowerCase().endsWith(".webp");
  await using film = await openFilm(options.output, {
    width: side,
    height: side,
    framesPerSecond: rate,
    kind: "trainedAlgorithmicMedia",
    details: { software: "Prosopon", version, model: manifest.name },
    identity: signer,
    ...(silent ? {} : { audio: speech }),
    ...ffmpeg,
    signal,
  });
  const chunks = soundChunks(speech, { ...ffmpeg, sampleRate, signal });
  const live = options.live ? paced(chunks, sampleRate, signal) : undefined;
  const preview = options.preview === undefined ? undefined : createPreview({ total, rate, opened, context });
  const progress = await reporter.progress(total);
  const started = performance.now();
  const stages = { load: loadMs, audio: audioMs, denoise: 0, decode: 0, encode: 0, mux: 0 };
  const delays: number[] = [];
  let frames = 0;
  let firstFrameMs = Number.NaN;
  try {
    const made = portraitFrames(
      opened,
      {
        ...settings,
        portrait: framed.crop,
        speech: live ?? chunks,
        emotion,
        intensity: options.intensity,
        motion: options.motion,
        framesPerSecond: rate,
      },
      { signal },
    );
    for await (const { index, width, height, pixels, milliseconds } of made) {
      if (index === 0) firstFrameMs = performance.now() - started;
      if (live) delays.push(performance.now() - live.heardAt((index + 0.5) / rate));
      stages.denoise += milliseconds.denoise;
      stages.decode += milliseconds.decode;
      const frame = image(width, height, 3, pixels);
      const writing = performance.now();
      await film.write(frame);
      stages.encode += performance.now() - writing;
      preview?.add(index, frame);
      frames++;
      progress.update(frames, `${((1000 * frames) / (performance.now() - started)).toFixed(0)} fps`);
    }
    if (frames === 0)
      throw new ProsoponError("bad-input", `${speech} is too short for a single frame.`, {
        values: { file: speech, seconds },
        mend: `Give at least ${(1 / rate).toFixed(2)} seconds.`,
      });
    const muxing = performance.now();
    await film.close();
    stages.mux = performance.now() - muxing;
  } finally {
    progress.stop();
  }
  // Since the process began, without what loading the model took.
  const generatedFramesPerSecond = (1000 * frames) / (performance.now() - loadMs);
  const looks = preview && (await preview.write(options.preview!, speech, { ...ffmpeg, signal }));
  const rounded = Object.fromEntries(Object.entries(stages).map(([name, ms]) => [name, Math.round(ms)]));
  reporter.result(
    {
      command: "talk",
      portrait,
      speech,
      output: options.output,
      model: manifest.name,
      domain,
      device: host.device,
      emotion,
      settings: { ...settings, intensity: options.intensity, motion: options.motion },
      frames,
      width: side,
      height: side,
      seconds,
      videoFrameRate: rate,
      generatedFramesPerSecond,
      firstFrameMs: Math.round(firstFrameMs),
      stages: rounded,
      ...(live ? { delayMs: { mean: Math.round(mean(delays)), most: Math.round(Math.max(...delays)) } } : {}),
      ...(looks ? { preview: looks } : {}),
    },
    `${options.output}: ${frames} ${frames === 1 ? "frame" : "frames"}, ${emotion}, ${generatedFramesPerSecond.toFixed(1)} per second after ${(loadMs / 1000).toFixed(1)} s of loading${live ? `, ${Math.round(mean(delays))} ms from sound to picture` : ""}`,
  );
}
