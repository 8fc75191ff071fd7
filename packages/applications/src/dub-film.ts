import { frameRate } from "@prosopon/media";
import { readVideo, soundChunks } from "@prosopon/media/node";
import type { SigningIdentity } from "@prosopon/provenance/c2pa";
import type { TalkSettingsInput } from "@prosopon/talking-face";
import { type DubbedFrame, dubFrames, type LostPolicy } from "./dub-frames.ts";
import { type DubReport, tellRanges } from "./dub-report.ts";
import { openFilm } from "./film.ts";
import type { TalkingFace } from "./open-talking-face.ts";

export interface DubFilmOptions extends TalkSettingsInput {
  /** Files. */
  readonly video: string;
  readonly speech: string;
  /** .mp4 or .webm; whole and marked at the end, or not there. */
  readonly output: string;
  readonly emotion: string;
  readonly lost: LostPolicy;
  readonly version: string;
  /** Signs the film too (C2PA). */
  readonly signer?: SigningIdentity | undefined;
  readonly ffmpeg?: string;
  readonly signal: AbortSignal;
}

export interface DubbedFilm extends DubReport {
  readonly width: number;
  readonly height: number;
  readonly videoFrameRate: number;
  /** Rate of the film that was given; it was brought to the model's. */
  readonly givenFrameRate: number;
  /** What the user should know. */
  readonly warnings: readonly string[];
}

export interface DubbedFilmFrame extends DubbedFrame {
  /** Frames of the film, where it says; the speech may end before. */
  readonly total: number | undefined;
}

/** Dubs a film file with a speech file: its frames as they are made, the film at the end. @throws what `dubFrames`, readers and writers throw. */
export async function* dubFilm(
  opened: Pick<TalkingFace, "talker" | "manifest" | "side" | "faces">,
  { video: file, speech, output, version, signer, ffmpeg, signal, ...rest }: DubFilmOptions,
): AsyncGenerator<DubbedFilmFrame, DubbedFilm, undefined> {
  const { name, domain, config } = opened.manifest;
  const program = { ...(ffmpeg === undefined ? {} : { ffmpeg }), signal };
  const given = await readVideo(file, program);
  // Video is written in even sizes only.
  const even = (pixels: number) => Math.max(16, pixels - (pixels % 2));
  const [width, height] = [even(given.width), even(given.height)];
  const rate = frameRate(Math.round(config.framesPerSecond * 1000), 1000);
  const video = await readVideo(file, { ...program, size: { width, height }, frameRate: rate });
  const total = given.duration === undefined ? undefined : Math.round(given.duration * config.framesPerSecond);
  const frames = dubFrames(opened, { ...rest, video, speech: soundChunks(speech, program), signal });
  const details = { software: "Prosopon", version, model: name };
  // The face is looked for first: a film without one begins no file.
  let next = await frames.next();
  await using film = await openFilm(output, {
    width,
    height,
    framesPerSecond: config.framesPerSecond,
    audio: speech,
    kind: "compositeWithTrainedAlgorithmicMedia",
    details,
    identity: signer,
    ...program,
  });
  try {
    for (; !next.done; next = await frames.next()) {
      await film.write(next.value.image);
      yield { ...next.value, total };
    }
  } finally {
    // Also when the consumer stops early: the readers end.
    await frames.return(undefined as never);
  }
  await film.close();
  const report = next.value;
  const givenFrameRate = given.frameRate.numerator / given.frameRate.denominator;
  const warnings = [
    ...(domain === "rendered portraits"
      ? [`The model ${name} only knows rendered portraits: in a film of a real person the mouth looks drawn.`]
      : []),
    ...(rest.emotion === "neutral" ? [] : ["In a dubbed film an emotion shows in the lower face only."]),
    ...(given.variableRate || Math.abs(givenFrameRate - config.framesPerSecond) > 1e-6
      ? [
          `The film was brought from ${+givenFrameRate.toFixed(3)} to the model's ${config.framesPerSecond} frames per second.`,
        ]
      : []),
    ...(report.faces > 1 ? [`${report.faces} faces were found; the largest speaks.`] : []),
    ...(report.held.length > 0 ? [`The face was lost and held in frames ${tellRanges(report.held)}.`] : []),
    ...(report.passed.length > 0 ? [`Not dubbed: frames ${tellRanges(report.passed)}.`] : []),
    ...(report.cuts.length > 0 ? [`A face elsewhere was taken up in frames ${report.cuts.join(", ")}.`] : []),
    ...(report.shorter === "neither"
      ? []
      : [
          `The ${report.shorter === "video" ? "film" : "speech"} ended first; what was left of the other is not there.`,
        ]),
  ];
  return { ...report, width, height, videoFrameRate: config.framesPerSecond, givenFrameRate, warnings };
}
