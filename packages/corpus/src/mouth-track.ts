import { ProsoponError } from "@prosopon/errors";
import type { Phone } from "./phone.ts";
import { gesturesOf } from "./phone-gestures.ts";
import { type MouthShape, mouthShape, type Viseme } from "./viseme.ts";

export interface MouthTrackOptions {
  readonly framesPerSecond: number;
  /** Number of frames; frame k shows the time (k + 1/2) / framesPerSecond. */
  readonly frames: number;
  /** Scales the opening of the jaw: below 1 mumbled, above 1 emphatic. 1 if not given. */
  readonly emphasis?: number;
}

/** What the mouth is doing in one frame. */
export interface MouthFrame {
  /** The viseme whose time it is; the shape is on its way between it and its neighbours. */
  readonly viseme: Viseme;
  readonly shape: MouthShape;
}

type Parameter = "jaw" | "width" | "protrusion" | "upper" | "lower" | "tongue";
const parameters: readonly Parameter[] = ["jaw", "width", "protrusion", "upper", "lower", "tongue"];

/** Seconds after which a segment's pull has fallen to 1/e. Rounding is prepared earlier than the jaw moves. */
const reach: Readonly<Record<Parameter, number>> = {
  jaw: 0.026,
  width: 0.036,
  protrusion: 0.045,
  upper: 0.028,
  lower: 0.026,
  tongue: 0.022,
};

/** How strongly a viseme insists on its jaw, and on its lips; a vowel has 1. Velars and h take the shape of what is around. */
const insistence: Readonly<Partial<Record<Viseme, readonly [jaw: number, lips: number]>>> = {
  silence: [1, 0.7],
  p: [1.2, 0.4],
  t: [3, 1.2],
  S: [3, 2],
  T: [2.5, 1],
  f: [5, 5],
  k: [0.5, 0.2],
  r: [1.2, 1.2],
  s: [4.5, 2.4],
  u: [1.2, 1.6],
  o: [1, 1.4],
  O: [1, 1.2],
  a: [2.2, 1.2],
  "@": [0.6, 0.5],
};

interface Segment {
  readonly viseme: Viseme;
  readonly shape: MouthShape;
  readonly start: number;
  readonly end: number;
}

const ease = (x: number): number => {
  const t = Math.max(0, Math.min(1, x));
  return t * t * (3 - 2 * t);
};
/** Lips come together and part within this time outside p, b and m. */
const lipTravel = 0.04;

/**
 * The mouth of speech, frame by frame, from phone times. Coarticulation after Cohen and Massaro (1993): each phone pulls every
 * articulator towards its shape with a dominance that falls off on both sides of it, so the mouth anticipates the next sound by
 * some 50 to 100 ms. What the eye notices is kept beyond the blend: lips shut throughout /p b m/, and in at least one frame of
 * each; the lower lip is tucked in /f v/; silence keeps the mouth closed. Times outside all phones are silent.
 * @throws ProsoponError `bad-input` for an unknown phone, times that run backwards, or a bad number of frames.
 */
export function mouthTrack(
  phones: readonly Phone[],
  { framesPerSecond, frames, emphasis = 1 }: MouthTrackOptions,
): MouthFrame[] {
  checkTrack(phones, framesPerSecond, frames);
  const segments = segmentsOf(phones, frames / framesPerSecond);
  const timeOf = (frame: number): number => (frame + 0.5) / framesPerSecond;
  const shut = new Set<number>();
  for (const { viseme, start, end } of segments) {
    if (viseme === "p") shut.add(Math.round(((start + end) / 2) * framesPerSecond - 0.5));
  }
  let current = 0;
  return Array.from({ length: frames }, (_, frame): MouthFrame => {
    const time = timeOf(frame);
    while (current < segments.length - 1 && segments[current]!.end <= time) current += 1;
    let first = current;
    let last = current;
    while (first > 0 && segments[first - 1]!.end > time - 0.25) first -= 1;
    while (last < segments.length - 1 && segments[last + 1]!.start < time + 0.25) last += 1;
    const near = segments.slice(first, last + 1);
    const shape = blend(near, time);
    return {
      viseme: segments[current]!.viseme,
      shape: {
        ...shape,
        jaw: shape.jaw * emphasis,
        closure: shut.has(frame) ? 1 : closureAt(near, time),
        speech: 1,
      },
    };
  });
}

function blend(segments: readonly Segment[], time: number): Record<Parameter, number> {
  const result = { jaw: 0, width: 0, protrusion: 0, upper: 0, lower: 0, tongue: 0 };
  for (const parameter of parameters) {
    let [sum, weight] = [0, 0];
    for (const { viseme, shape, start, end } of segments) {
      const distance = Math.max(0, start - time, time - end);
      const [jaw, lips] = insistence[viseme] ?? [1, 1];
      const pull = (parameter === "jaw" ? jaw : lips) * Math.exp(-distance / reach[parameter]);
      sum += pull * shape[parameter];
      weight += pull;
    }
    result[parameter] = sum / weight;
  }
  return result;
}

/** Labials are shut for all their length; silence opens and closes close to its ends, so that silent frames are closed. */
function closureAt(segments: readonly Segment[], time: number): number {
  let closure = 0;
  for (const { viseme, shape, start, end } of segments) {
    if (viseme === "p") {
      closure = Math.max(closure, ease(1 - Math.max(0, start - time, time - end) / lipTravel));
    } else if (viseme === "silence") {
      const inside = Math.min(time - (start - 0.03), end + 0.03 - time) / 0.045;
      closure = Math.max(closure, shape.closure * ease(inside));
    }
  }
  return closure;
}

/** Gestures in order, with silence wherever no phone is. */
function segmentsOf(phones: readonly Phone[], seconds: number): Segment[] {
  const segments: Segment[] = [];
  const add = (phone: string, start: number, end: number): void => {
    let from = start;
    for (const { viseme, share, shape } of gesturesOf(phone)) {
      const to = from + share * (end - start);
      segments.push({ viseme, shape: { ...mouthShape(viseme), ...shape }, start: from, end: to });
      from = to;
    }
  };
  let end = 0;
  for (const phone of phones) {
    if (phone.start - end > 1e-3) add("SIL", end, phone.start);
    add(phone.phone, phone.start, phone.end);
    end = phone.end;
  }
  if (end < seconds || segments.length === 0) add("SIL", end, Math.max(seconds, end + 1));
  // Two silences side by side are one: the mouth does not stir between them.
  const merged = segments.reduce<Segment[]>((list, segment) => {
    const before = list.at(-1);
    if (before?.viseme === "silence" && segment.viseme === "silence") {
      list[list.length - 1] = { ...before, end: segment.end };
    } else list.push(segment);
    return list;
  }, []);
  // Silence at either end goes on beyond it, so the first and the last frames are as closed as the others.
  return merged.map((segment, index) =>
    segment.viseme === "silence"
      ? {
          ...segment,
          start: index === 0 ? segment.start - 1 : segment.start,
          end: index === merged.length - 1 ? segment.end + 1 : segment.end,
        }
      : segment,
  );
}

function checkTrack(phones: readonly Phone[], framesPerSecond: number, frames: number): void {
  if (!(framesPerSecond > 0 && framesPerSecond <= 1000) || !Number.isSafeInteger(frames) || frames < 0) {
    throw new ProsoponError("bad-input", `${frames} frames at ${framesPerSecond} per second make no mouth track.`, {
      values: { frames, framesPerSecond },
      mend: "Give a whole number of frames from 0 and a rate above 0, at most 1000.",
    });
  }
  let before = 0;
  for (const { phone, start, end } of phones) {
    if (!(start >= before - 1e-6 && end > start && Number.isFinite(end))) {
      throw new ProsoponError("bad-input", `The phone ${phone} lasts from ${start} s to ${end} s, after ${before} s.`, {
        values: { phone, start, end, before },
        mend: "Give phones in order, each with an end after its start.",
      });
    }
    before = end;
  }
}
