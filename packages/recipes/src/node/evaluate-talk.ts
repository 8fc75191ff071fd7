import { logMel, maskLowerFace } from "@prosopon/conditioning";
import { emotions, type Phone } from "@prosopon/corpus";
import { type Rendered, render, type SpeakingClip, speakingClip } from "@prosopon/corpus/node";
import { type Tensor, tensor } from "@prosopon/graph";
import { crop, type Image, image, type Point, toPlanar } from "@prosopon/media";
import { mouthOpening, psnr, ssim } from "@prosopon/metrics";
import type { ExpertRunner, PairJudge } from "@prosopon/perception";
import { portraitControls, type Talker, type TalkSettingsInput } from "@prosopon/talking-face";
import { trulyShut } from "../truly-shut.ts";
import { correlation, lagOf } from "./correlation.ts";

export interface EvaluateTalkOptions {
  readonly talker: Talker;
  /** Judges only: networks that the talking face was not trained with. */
  readonly judges: {
    readonly emotion: ExpertRunner;
    readonly landmarks: ExpertRunner;
    /** Measures how unlike mouth regions (48 x 48) look; not measured if not given. */
    readonly distance?: PairJudge;
  };
  /** Clips of people, voices and sentences that no training saw. */
  readonly clips: number;
  /** Length of each clip; default 4. */
  readonly seconds?: number;
  readonly settings?: TalkSettingsInput;
  /** Also tells it the truth with the lower face masked, as when a film is dubbed; default false. */
  readonly masked?: boolean;
  /** Part of the corpus; default "test". */
  readonly split?: "validation" | "test";
  /** First clip; default 90000. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** How mouths move with phones: of the generated frames, of the rendered truth seen by the same judge, or of a control. */
export interface LipScores {
  /** Pearson correlation with the exact opening of the mouth, over all frames. */
  readonly correlation: number;
  /** Share of frames of /p b m/, shut in truth, in which the mouth is shut. */
  readonly closures: number;
  /** Share of silent frames in which the mouth is shut. */
  readonly silences: number;
  /** Mean opening of /aa ae/ over that of /s t/. */
  readonly vowelRatio: number;
  /** Frames by which the mouth is late, where the correlation is largest; mean over clips. */
  readonly lag: number;
}

export interface TalkScores {
  readonly frames: number;
  readonly generated: LipScores;
  /** What the judge sees in the rendered truth: the best that could be measured. */
  readonly judgeOnTruth: LipScores;
  /** A mouth that opens with the loudness: it must fail. */
  readonly volumeOnly: LipScores;
  /** Share of clips whose emotion, over all frames, is judged to be the one asked for. */
  readonly emotion: { readonly generated: number; readonly truth: number };
  /** Whole frame and mouth region against the rendered truth. */
  readonly frame: { readonly psnr: number; readonly ssim: number };
  readonly mouth: { readonly psnr: number; readonly ssim: number };
  /** Mean distance of mouth regions in a network's features, where it is measured. */
  readonly mouthDistance?: number;
}

/** Below this opening a mouth is shut, in the judge's unit. */
export const shutBelow = 0.05;

const side = 128;

interface Seen {
  readonly truth: number[];
  readonly opening: number[];
  readonly phones: string[];
  readonly lags: number[];
}

const empty = (): Seen => ({ truth: [], opening: [], phones: [], lags: [] });

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function score({ truth, opening, phones, lags }: Seen): LipScores {
  const of = (names: readonly string[]) => opening.filter((_, k) => names.includes(phones[k]!));
  const share = (values: readonly number[]) => values.filter((v) => v < shutBelow).length / values.length;
  const shut = opening.filter((_, k) => ["P", "B", "M"].includes(phones[k]!) && truth[k]! < trulyShut);
  return {
    correlation: correlation(truth, opening),
    closures: share(shut),
    silences: share(opening.filter((_, k) => phones[k] === "SIL" && truth[k]! < trulyShut)),
    vowelRatio: mean(of(["AA", "AE"])) / mean(of(["S", "T"])),
    lag: mean(lags),
  };
}

const phoneAt = (phones: readonly Phone[], time: number): string =>
  phones.find(({ start, end }) => time >= start && time < end)?.phone ?? "SIL";

const pointsOf = (row: ArrayLike<number>): Point[] =>
  Array.from({ length: 68 }, (_, i): Point => [row[2 * i]!, row[2 * i + 1]!]);

/** The square around the mouth that both pictures are compared in. */
function mouthBox(landmarks: readonly Point[], side: number) {
  const mouth = landmarks.slice(48);
  const [x, y] = [0, 1].map((axis) => mean(mouth.map((p) => p[axis]!)) * side) as [number, number];
  const size = 48;
  const place = (v: number) => Math.round(Math.min(Math.max(v - size / 2, 0), side - size));
  return { x: place(x), y: place(y), width: size, height: size };
}

/**
 * Lets a talker speak for people, voices and sentences that it never met, moved as the truth moves, and has the judges look. Needs flite.
 * @throws what the talker and the corpus throw.
 */
export async function evaluateTalk(options: EvaluateTalkOptions): Promise<TalkScores> {
  const {
    talker,
    judges,
    clips,
    seconds = 4,
    settings = {},
    seed = 90_000,
    split = "test",
    signal,
    onProgress,
  } = options;
  const { framesPerSecond } = talker.config;
  const hearing = logMel();
  const [made, seen, loud] = [empty(), empty(), empty()];
  const frame = { psnr: psnr().start(), ssim: ssim().start() };
  const mouth = { psnr: psnr().start(), ssim: ssim().start() };
  let right = 0;
  let rightInTruth = 0;
  let frames = 0;
  let distance = 0;

  const judged = async (picture: Image) => {
    const planes = planesOf(picture);
    const [points, label] = [await judges.landmarks.run(planes), await judges.emotion.run(planes)];
    return { opening: mouthOpening(pointsOf(points.data)), logits: label.data };
  };
  const best = (sums: Float64Array) => emotions[sums.indexOf(Math.max(...sums))];

  for (let n = 0; n < clips; n++) {
    signal?.throwIfAborted();
    const clip = await speakingClip({ seed: seed + n, split, framesPerSecond, seconds });
    const strength = clip.emotion === "neutral" ? 0 : clip.intensity;
    const rows = await hearing.extract(clip.audio, clip.scenes.length, framesPerSecond);
    const still = render(clip.still, { size: side }).image;
    const drawn = clip.scenes.map((scene) => render(scene, { size: side }));
    const stream = talker.synthesize(
      {
        ...settings,
        portrait: tensor("float32", [1, 3, side, side], toPlanar(image(side, side, 3, still.data))),
        speech: rowsOf(rows),
        emotion: clip.emotion,
        controls: (k) => portraitControls(clip.controls[k]!, strength),
        ...(options.masked ? { masked: drawn.map(maskedFrame) } : {}),
      },
      signal ? { signal } : {},
    );
    const sums = [new Float64Array(emotions.length), new Float64Array(emotions.length)] as const;
    const openings: number[] = [];
    const truthOpenings: number[] = [];
    for await (const { index, pixels } of stream) {
      const { image: picture, landmarks } = drawn[index]!;
      const truth = image(side, side, 3, picture.data);
      const generated = image(side, side, 3, pixels);
      const box = mouthBox(landmarks, side);
      const pair = { reference: truth, image: generated };
      const near = { reference: crop(truth, box), image: crop(generated, box) };
      for (const metric of [frame.psnr, frame.ssim]) metric.add(pair);
      for (const metric of [mouth.psnr, mouth.ssim]) metric.add(near);
      if (judges.distance)
        distance += (await judges.distance.distances(planesOf(near.reference), planesOf(near.image)))[0]!;
      const [a, b] = [await judged(generated), await judged(truth)];
      a.logits.forEach((v, i) => {
        sums[0][i]! += v;
      });
      b.logits.forEach((v, i) => {
        sums[1][i]! += v;
      });
      openings.push(a.opening);
      truthOpenings.push(b.opening);
      frames++;
    }
    if (best(sums[0]) === clip.emotion) right++;
    if (best(sums[1]) === clip.emotion) rightInTruth++;
    note(made, clip, openings);
    note(seen, clip, truthOpenings);
    note(loud, clip, volumeOnly(clip));
    onProgress?.(n + 1, clips);
  }
  return {
    frames,
    generated: score(made),
    judgeOnTruth: score(seen),
    volumeOnly: score(loud),
    emotion: { generated: right / clips, truth: rightInTruth / clips },
    frame: { psnr: frame.psnr.result().mean, ssim: frame.ssim.result().mean },
    mouth: { psnr: mouth.psnr.result().mean, ssim: mouth.ssim.result().mean },
    ...(judges.distance ? { mouthDistance: distance / frames } : {}),
  };
}

const planesOf = (picture: Image): Tensor<"float32"> =>
  tensor("float32", [1, 3, picture.height, picture.width], toPlanar(picture));

function maskedFrame({ image: { data }, landmarks }: Rendered): Tensor<"float32"> {
  const planes = tensor("float32", [3, side, side], toPlanar(image(side, side, 3, data)));
  const points = landmarks.map(([x, y]) => [x, y] as const);
  return tensor("float32", [1, 3, side, side], maskLowerFace(planes, points, { rule: "fixed" }).data);
}

function note(into: Seen, clip: SpeakingClip, openings: readonly number[]): void {
  const truth = Array.from(clip.mouthOpening);
  for (const [k, opening] of openings.entries()) {
    into.truth.push(truth[k]!);
    into.opening.push(opening);
    into.phones.push(phoneAt(clip.phones, (k + 0.5) / clip.framesPerSecond));
  }
  into.lags.push(lagOf(truth, openings, 5));
}

/** Opens with the square root of the loudness, to the range of real mouths. */
function volumeOnly({ audio, sampleRate, framesPerSecond, scenes }: SpeakingClip): number[] {
  const size = sampleRate / framesPerSecond;
  const loudness = scenes.map((_, k) => {
    const part = audio.subarray(Math.round(k * size), Math.round((k + 1) * size));
    return Math.sqrt(part.reduce((sum, v) => sum + v * v, 0) / Math.max(1, part.length));
  });
  const most = Math.max(...loudness);
  return loudness.map((v) => 0.35 * Math.sqrt(v / most));
}

function rowsOf({ shape, data }: Tensor<"float32">): Float32Array[] {
  const [count, size] = shape as [number, number];
  return Array.from({ length: count }, (_, k) => data.slice(k * size, (k + 1) * size));
}
