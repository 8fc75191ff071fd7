import { maskLowerFace, maskRow } from "@prosopon/conditioning";
import { ProsoponError } from "@prosopon/errors";
import { tensor } from "@prosopon/graph";
import {
  applyTransform,
  type Image,
  image,
  type Point,
  pasteBack,
  type Transform,
  toPlanar,
  warp,
} from "@prosopon/media";
import type { Video, VideoFrame } from "@prosopon/media/node";
import type { Face } from "@prosopon/perception";
import type { Planes, TalkSettingsInput } from "@prosopon/talking-face";
import { addFrame, type DubReport, type FrameRange, refuseLost } from "./dub-report.ts";
import { facePlace } from "./face-place.ts";
import { featuresNamed } from "./features-named.ts";
import { findEmotion } from "./find-emotion.ts";
import { followFace } from "./follow-face.ts";
import { lowerFaceMask } from "./lower-face-mask.ts";
import { type ColourShift, colourShift, shifted } from "./match-colours.ts";
import type { TalkingFace } from "./open-talking-face.ts";
import { planesOf } from "./planes.ts";
import { type SteadyFrame, steadyFaces } from "./steady-faces.ts";

/** What becomes of frames in which the face is not seen. */
export const lostPolicies = ["hold", "pass", "fail"] as const;
export type LostPolicy = (typeof lostPolicies)[number];

export interface DubFramesOptions extends TalkSettingsInput {
  /** At the model's rate. */
  readonly video: Pick<Video, "frames" | "frameRate">;
  /** Mono, 16 kHz, as it comes. */
  readonly speech: AsyncIterable<Float32Array>;
  readonly emotion: string;
  /**
   * "hold": the face is taken to be where it was, for half a second; then the frame stays as it is. "pass": the frame stays as it is.
   * "fail": the dubbing ends.
   */
  readonly lost: LostPolicy;
  readonly signal: AbortSignal;
}

export interface DubbedFrame {
  readonly index: number;
  /** Seconds. */
  readonly pts: number;
  readonly image: Image;
  readonly state: "dubbed" | "held" | "passed";
}

/** A frame that waits for its new lower face. */
interface Waiting {
  readonly frame: VideoFrame;
  readonly reason: string | undefined;
  readonly masked: Planes;
  /** Absent where the frame stays as it is. */
  readonly work?: {
    readonly crop: Image;
    readonly place: Transform;
    readonly landmarks: readonly Point[];
    readonly row: number;
    readonly segment: number;
  };
}

type Opened = Pick<TalkingFace, "talker" | "manifest" | "side" | "faces">;

/**
 * A film whose face says something else: frame after frame, in flat memory, and a report. Controls stay unknown, so that the pose comes from the
 * film. The shorter of film and speech decides the length.
 * @throws `bad-input` for a film without a face, a film at another rate than the model's, a model that cannot dub, a lost face where that is to
 * fail; `unavailable` without a face finder; what readers and hosts throw.
 */
export async function* dubFrames(
  opened: Opened,
  { video, speech, emotion, lost, signal, ...settings }: DubFramesOptions,
): AsyncGenerator<DubbedFrame, DubReport, undefined> {
  const { talker, manifest, side } = opened;
  const { domain, config } = manifest;
  const { emotions, conditions, framesPerSecond } = config;
  if (!conditions.audio || !conditions.masked)
    throw new ProsoponError("bad-input", `The model ${manifest.name} cannot dub a film.`, {
      values: { model: manifest.name },
      mend: "Use a model that was trained with audio and masked target frames.",
    });
  if (Math.abs(video.frameRate.numerator / video.frameRate.denominator - framesPerSecond) > 1e-6)
    throw new ProsoponError("bad-input", `The film must be read at the model's ${framesPerSecond} frames per second.`, {
      values: { frameRate: video.frameRate },
    });
  const name = findEmotion(emotion, emotions);
  const place = { side, domain };
  const find = async (frame: VideoFrame): Promise<readonly Face[]> => {
    const faces = await opened.faces(frame);
    if (faces) return faces;
    throw new ProsoponError("unavailable", "No face finder is installed to look for the face.", {
      mend: "Install the model face-finder.",
    });
  };

  const first = await firstFace(video, find, signal);
  const cropOf = (frame: Image, transform: Transform) => warp(frame, transform, { width: side, height: side });
  const portrait = cropOf(first.frame, facePlace(first.face.landmarks, place));

  const waiting = new Map<number, Waiting>();
  const held: FrameRange[] = [];
  const passed: FrameRange[] = [];
  const cuts: number[] = [];
  const hiding = (crop: Image, landmarks: readonly Point[]) => {
    const fractions = landmarks.map(([x, y]): Point => [x / side, y / side]);
    const { data } = maskLowerFace({ shape: [3, side, side], data: toPlanar(crop) }, fractions, { rule: "fixed" });
    return { row: maskRow(side, fractions, { rule: "fixed" }), masked: tensor("float32", [1, 3, side, side], data) };
  };
  const at = (transform: Transform, landmarks: readonly Point[]) =>
    landmarks.map((point) => applyTransform(transform, point));
  let lastMasked = hiding(portrait, at(facePlace(first.face.landmarks, place), first.face.landmarks)).masked;

  function prepared({ frame, landmarks, reason, segment }: SteadyFrame): Waiting {
    if (reason && lost === "fail") refuseLost(frame.index, frame.pts, reason);
    if (!landmarks || (reason && lost === "pass")) return { frame, reason, masked: lastMasked };
    const transform = facePlace(landmarks, place);
    const crop = cropOf(frame, transform);
    const points = at(transform, landmarks);
    const { row, masked } = hiding(crop, points);
    lastMasked = masked;
    return { frame, reason, masked, work: { crop, place: transform, landmarks: points, row, segment } };
  }

  const source = steadyFaces(followFace(checked(video.frames(), signal), { find }));
  let read = 0;
  let exhausted = false;
  /** Reads the film up to frame `index`; false where it ends before. */
  async function reaches(index: number): Promise<boolean> {
    while (read <= index && !exhausted) {
      const { done, value } = await source.next();
      if (done) exhausted = true;
      else waiting.set(read++, prepared(value));
    }
    return read > index;
  }

  let shorter: DubReport["shorter"] = "neither";
  const features = featuresNamed(conditions.audio.features);
  /** Rows of the speech for as long as the film goes on. */
  async function* rows(): AsyncGenerator<Float32Array, void, undefined> {
    let index = 0;
    for await (const row of features.stream(speech, framesPerSecond, { signal })) {
      if (!(await reaches(index))) {
        shorter = "video";
        return;
      }
      yield row;
      index++;
    }
    if (await reaches(index)) shorter = "speech";
  }
  async function* driving(): AsyncGenerator<Planes, void, undefined> {
    for (let index = 0; await reaches(index); index++) yield waiting.get(index)!.masked;
  }

  let shift: ColourShift | undefined;
  let segment = 0;
  let frames = 0;
  try {
    const made = talker.synthesize(
      {
        ...settings,
        portrait: planesOf(portrait),
        speech: rows(),
        emotion: name,
        masked: driving(),
      },
      { signal },
    );
    for await (const { index, pts, pixels } of made) {
      const { frame, reason, work } = waiting.get(index)!;
      waiting.delete(index);
      frames++;
      if (!work) {
        addFrame(passed, index, reason!);
        yield { index, pts, image: frame, state: "passed" };
        continue;
      }
      if (reason) addFrame(held, index, reason);
      if (work.segment !== segment) {
        cuts.push(index);
        segment = work.segment;
        shift = undefined;
      }
      const face = image(side, side, 3, pixels);
      const seen = colourShift(work.crop, face, work.landmarks, work.row);
      const before = shift ?? seen;
      // Slowly, so that the colour does not flicker.
      shift = [0, 1, 2].map((c) => before[c]! + 0.2 * (seen[c]! - before[c]!)) as unknown as ColourShift;
      const mask = lowerFaceMask(side, work.landmarks, work.row);
      const result = pasteBack(frame, shifted(face, shift), work.place, mask);
      yield { index, pts, image: result, state: reason ? "held" : "dubbed" };
    }
  } finally {
    await source.return?.();
  }
  if (frames === 0)
    throw new ProsoponError("bad-input", "The speech is too short for a single frame.", {
      mend: `Give at least ${(1 / framesPerSecond).toFixed(2)} seconds.`,
    });
  const lostFrames = [...held, ...passed].reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return { frames, dubbed: frames - lostFrames, held, passed, cuts, shorter, faces: first.count };
}

async function* checked(frames: AsyncIterable<VideoFrame>, signal: AbortSignal) {
  for await (const frame of frames) {
    if (signal.aborted) throw new ProsoponError("cancelled", "The dubbing was cancelled.", { cause: signal.reason });
    yield frame;
  }
}

/** The first frame with a face: who speaks. @throws `bad-input` where there is none. */
async function firstFace(
  video: DubFramesOptions["video"],
  find: (frame: VideoFrame) => Promise<readonly Face[]>,
  signal: AbortSignal,
): Promise<{ readonly frame: VideoFrame; readonly face: Face; readonly count: number }> {
  let count = 0;
  for await (const frame of checked(video.frames(), signal)) {
    count++;
    const faces = await find(frame);
    if (faces[0]) return { frame, face: faces[0], count: faces.length };
  }
  throw new ProsoponError("bad-input", `No face was found in any of the film's ${count} frames.`, {
    values: { frames: count },
    mend: "Give a film that shows a face from the front.",
  });
}
