import { ProsoponError } from "@prosopon/errors";
import { crop, type Image, type Point } from "@prosopon/media";
import { readSound, readVideo, regularFile } from "@prosopon/media/node";
import { plot } from "@prosopon/media/plot";
import {
  atRate,
  cosine,
  drift,
  flicker,
  lipPicture,
  mouthOpening,
  sharpness,
  silenceAperture,
  soundEnvelope,
  syncOffset,
  type Table,
  table,
} from "@prosopon/metrics";
import { openModel } from "@prosopon/models/node";
import { createFaceFinder } from "@prosopon/perception";
import { createHost } from "@prosopon/runtime/node";
import type { Context } from "../context.ts";
import { modelFolders } from "../model-folders.ts";
import type { Reporter } from "../reporter.ts";
import { compareFilm } from "./compare-film.ts";
import { linesOf } from "./evaluate-text.ts";
import { type DistanceOptions, openDistance } from "./open-distance.ts";
import { modelNote, openIdentityJudge, rowOf } from "./open-judges.ts";
import { openLipReader } from "./open-lip-reader.ts";
import { type TextRateOptions, textRates } from "./text-rates.ts";
import { checkPlot, checkTable, writePlot, writeTable } from "./write-table.ts";

export interface TalkOptions extends DistanceOptions, TextRateOptions {
  readonly seconds?: number;
  /** A film of the truth. */
  readonly reference?: string;
  /** A module of the user's own, and what is really said: text or a file. */
  readonly lipReader?: string;
  readonly transcript?: string;
  readonly identityJudge: string;
  readonly table?: string;
  readonly plot?: string;
  readonly json?: true;
}

/** The face's square around its landmarks, within the picture. */
function faceOf(frame: Image, landmarks: readonly Point[]): Image {
  const [x, y] = [0, 1].map((axis) => landmarks.map((point) => point[axis]!));
  const [left, right, top, bottom] = [Math.min(...x!), Math.max(...x!), Math.min(...y!), Math.max(...y!)];
  const side = Math.min(1.4 * Math.max(right - left, bottom - top), frame.width, frame.height);
  const place = (middle: number, most: number) => Math.max(0, Math.min(most - side, middle - side / 2));
  return crop(frame, {
    x: Math.round(place((left + right) / 2, frame.width)),
    y: Math.round(place((top + bottom) / 2, frame.height)),
    width: Math.floor(side),
    height: Math.floor(side),
  });
}

/** A measure that a clip may not allow: what is wrong instead of a number. */
function attempt<Result>(reporter: Reporter, name: string, measure: () => Result): Result | undefined {
  try {
    return measure();
  } catch (error) {
    if (!(error instanceof ProsoponError) || error.code !== "bad-input") throw error;
    reporter.warn(`No ${name}: ${error.message}`);
    return undefined;
  }
}

/** `prosopon evaluate talk`. */
export async function evaluateTalk(
  context: Context,
  reporter: Reporter,
  video: string,
  speech: string,
  options: TalkOptions,
): Promise<void> {
  checkTable(options.table);
  checkPlot(options.plot);
  const { signal } = context;
  if ((options.lipReader === undefined) !== (options.transcript === undefined))
    throw new ProsoponError("bad-input", "A lip reader and a transcript go together.", {
      mend: "Give --lip-reader and --transcript, or neither.",
    });
  const said = options.transcript === undefined ? [] : [(await linesOf(options.transcript)).join(" ")];
  // It is read last, after all frames.
  if (options.dictionary !== undefined) await regularFile(options.dictionary);
  const opened = await readVideo(video, { signal });
  const rate = opened.frameRate.numerator / opened.frameRate.denominator;
  const sound = await readSound(speech, { signal });
  const most = Math.ceil((options.seconds ?? Number.POSITIVE_INFINITY) * rate);
  await using host = await createHost();
  const finderModel = await openModel(modelFolders(context), "face-finder", { kind: "face-finder", signal });
  await using finder = await createFaceFinder({
    host,
    parameters: finderModel.parameters,
    size: finderModel.manifest.config.size,
  });
  await using identity = await openIdentityJudge(context, host, options.identityJudge);
  await using lips = options.lipReader ? await openLipReader(host, options.lipReader) : undefined;
  const distance = options.reference ? await openDistance(context, host, options) : undefined;
  await using _judge = distance?.judge;
  await using truth =
    options.reference && distance
      ? await compareFilm(context, options.reference, { film: opened, protocol: options.protocol, distance })
      : undefined;
  const mouths: Image[] = [];
  const openings: (number | undefined)[] = [];
  const [likeness, sharp]: [number[], number[]] = [[], []];
  const restless = flicker().start();
  let first: Float32Array | undefined;
  const progress = await reporter.progress(Math.max(1, Math.min(most, Math.round((opened.duration ?? 0) * rate))));
  try {
    for await (const frame of opened.frames()) {
      if (openings.length >= most) break;
      signal.throwIfAborted();
      restless.add(frame);
      await truth?.add(frame);
      const [found] = await finder.find(frame, { signal });
      openings.push(found && mouthOpening(found.landmarks));
      if (found) {
        const face = faceOf(frame, found.landmarks);
        const embedding = await rowOf(identity, face, signal);
        first ??= embedding;
        likeness.push(cosine(first, embedding));
        sharp.push(sharpness(face));
        if (lips) mouths.push(lipPicture({ picture: frame, landmarks: found.landmarks }, lips.reader.input));
      } else if (lips && mouths.length > 0) mouths.push(mouths.at(-1)!);
      progress.update(openings.length, "frames");
    }
  } finally {
    progress.stop();
  }
  const missed = openings.filter((one) => one === undefined).length;
  if (missed === openings.length)
    throw new ProsoponError("bad-input", `No face was found in any of ${openings.length} frames of ${video}.`, {
      values: { frames: openings.length },
      mend: "Give a video of a face.",
    });
  if (missed > 0)
    reporter.warn(`No face was found in ${missed} of ${openings.length} frames; the mouth stays as it was before.`);
  const curve: number[] = [];
  for (const one of openings) curve.push(one ?? curve.at(-1) ?? openings.find((value) => value !== undefined)!);
  const samples = sound.channels[0]!;
  const loudness = soundEnvelope(samples, { rate: sound.sampleRate, framesPerSecond: rate, frames: curve.length });
  const sync = attempt(reporter, "lip-sync offset", () => syncOffset(curve, loudness, { framesPerSecond: rate }));
  const aperture = silenceAperture();
  const silence = attempt(reporter, "mouth in silence", () => {
    const judgement = aperture.start();
    curve.forEach((opening, i) => void judgement.add({ opening, loudness: loudness[i]! }));
    return judgement.result();
  });
  const who = attempt(reporter, "identity drift", () => drift(likeness, { framesPerSecond: rate }));
  const how = attempt(reporter, "sharpness drift", () => drift(sharp, { framesPerSecond: rate }));
  const heard = lips
    ? [await lips.reader.read(atRate(mouths, { from: rate, to: lips.reader.input.framesPerSecond }), { signal })]
    : [];
  const { rates } = lips ? await textRates(reporter, said, heard, options) : { rates: [] };
  if (truth && truth.frames < openings.length)
    reporter.warn(
      `${options.reference} has ${truth.frames} frames for ${openings.length}: the others are not compared.`,
    );
  const unrest = attempt(reporter, "flicker", () => restless.result());
  const values = {
    offsetSeconds: sync?.seconds,
    offsetCorrelation: sync?.correlation,
    offsetConfidence: sync?.confidence,
    openingInSilence: silence?.silent,
    openingInSpeech: silence?.spoken,
    identityDriftPerSecond: who?.perSecond,
    identityAtEnd: who?.end,
    sharpnessDriftPerSecond: how?.perSecond,
    sharpnessAtStart: how?.start,
    sharpnessAtEnd: how?.end,
    flicker: unrest?.mean,
    ...truth?.result(),
    ...Object.fromEntries(rates.map(({ key, reported }) => [key, reported])),
  };
  const notes = [
    `${curve.length} frames at ${rate} a second, faces and 68 landmarks by ${modelNote(finderModel.manifest)}, ${missed} frames without a face.`,
    "offset: lag of the best correlation of the mouth's opening with the sound's root mean square per frame, within 15 frames; positive when the mouth is late. Confidence: that correlation minus the median over lags.",
    aperture.protocol,
    `identity: cosine with the first face by ${identity.note}; sharpness: variance of the Laplacian of the face; both as least-squares slopes.`,
    flicker().protocol,
    ...(truth?.notes ?? []),
    ...(lips
      ? [
          `Lips read by ${lips.note}, ${lips.reader.input.region} at ${lips.reader.input.width} x ${lips.reader.input.height}, ${lips.reader.input.framesPerSecond} frames a second.`,
        ]
      : []),
    ...rates.map(({ key, protocol }) => `${key}: ${protocol}`),
  ];
  const content: Table = {
    columns: [{ key: "measure" }, { key: "value", digits: 4 }],
    rows: Object.entries(values).map(([measure, value]) => ({ measure, value })),
    notes,
  };
  await writeTable(options.table, content);
  if (options.plot) {
    const x = curve.map((_, i) => i / rate);
    const scaled = (list: ArrayLike<number>) => {
      const largest = Array.from(list).reduce((a, b) => Math.max(a, b), 1e-9);
      return Array.from(list, (value) => value / largest);
    };
    await writePlot(
      options.plot,
      plot({
        kind: "line",
        title: "Mouth and sound, each over its largest value",
        x: "seconds",
        y: "share",
        series: [
          { name: "mouth", x, y: scaled(curve) },
          { name: "sound", x, y: scaled(loudness) },
        ],
      }),
    );
  }
  reporter.result(
    {
      command: "evaluate talk",
      ...Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Number.isFinite(value) ? value : null])),
      ...(lips ? { heard: heard[0] } : {}),
      frames: curve.length,
      framesPerSecond: rate,
      missed,
      protocol: { name: options.protocol, notes },
    },
    table(content, { format: "markdown" }).trimEnd(),
  );
}
