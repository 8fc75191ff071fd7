import { ProsoponError } from "@prosopon/errors";
import { philox } from "@prosopon/random";
import { clipScene } from "./clip-scene.ts";
import type { Emotion, Intensity } from "./emotion.ts";
import type { FliteVoice } from "./flite.ts";
import { type IdleFrame, idleMotion } from "./idle-motion.ts";
import { mouthOpening } from "./mouth-opening.ts";
import { mouthTrack } from "./mouth-track.ts";
import { type Person, person as personOf } from "./person.ts";
import type { Phone } from "./phone.ts";
import type { Scene } from "./scene.ts";
import { sceneLandmarks } from "./scene-face.ts";
import { type SentenceStyle, sentence, sentenceCount } from "./sentence.ts";
import { type Speaker, speaker } from "./speaker.ts";
import type { Split } from "./split.ts";
import { synthesizeSpeech } from "./synthesize-speech.ts";
import type { Viseme } from "./viseme.ts";

export interface SpeakingClipOptions {
  /** Which clip, a whole number from 0. Every run of 24 (from a multiple of 24) has each emotion at each intensity once. */
  readonly seed: number;
  /** People, voices and sentences of this part only. */
  readonly split: Split;
  /** 25 if not given. */
  readonly framesPerSecond?: number;
  readonly emotion?: Emotion;
  readonly intensity?: Intensity;
  /** Another person than the one drawn; must belong to the split to keep the parts disjoint. */
  readonly identity?: number;
  readonly voice?: FliteVoice;
  /** Exact length; sentences are chosen to fill it. As long as one sentence if not given. */
  readonly seconds?: number;
  /** What is said, instead of drawn sentences. */
  readonly text?: string | readonly string[];
  /** Emotion of `still`; "neutral" if not given. */
  readonly stillEmotion?: Emotion;
  /** "clean" leaves the speech as synthesized; by default training clips vary as "train" does, others beyond it ("unseen"). */
  readonly recording?: "clean" | "train" | "unseen";
  readonly signal?: AbortSignal;
}

export interface SpeakingClip {
  /** One for each frame, ready for `portrait` or `render`; frame k shows the time (k + 1/2) / framesPerSecond. */
  readonly scenes: readonly Scene[];
  /** The same person, light and framing: mouth at rest, base pose, eyes open. */
  readonly still: Scene;
  /** Mono, `sampleRate` per second, exactly as long as the frames (to the nearest sample). */
  readonly audio: Float32Array;
  readonly sampleRate: number;
  readonly framesPerSecond: number;
  /** What was said; with a length that no sentence fits, the end of it may be cut off. */
  readonly transcript: string;
  /** ARPAbet with "SIL", without gaps from 0 to the end, seconds. */
  readonly phones: readonly Phone[];
  /** One for each frame. */
  readonly visemes: readonly Viseme[];
  /** Offsets to the pose of `still` in degrees, and the lids; one for each frame. */
  readonly controls: readonly IdleFrame[];
  readonly emotion: Emotion;
  readonly intensity: Intensity;
  readonly identity: number;
  readonly person: Person;
  readonly speaker: Speaker;
  /** Lip opening of each frame in units of the distance between the eyes, from exact landmarks (see `mouthOpening`). */
  readonly mouthOpening: Float32Array;
}

/** How an emotion colours speech: speed, pitch, liveliness of pitch, opening of the mouth; at full intensity. */
const delivery: Readonly<Record<Emotion, readonly [tempo: number, pitch: number, lively: number, opening: number]>> = {
  neutral: [1, 1, 1, 1],
  happy: [1.06, 1.1, 1.35, 1.05],
  sad: [0.86, 0.94, 0.7, 0.92],
  surprised: [1.04, 1.15, 1.4, 1.06],
  scared: [1.1, 1.12, 1.1, 1],
  disgusted: [0.94, 0.97, 1, 0.98],
  angry: [1.08, 1.06, 1.3, 1.08],
  contempt: [0.94, 0.96, 0.85, 0.96],
};

/**
 * A person who speaks, with everything that is true of it. Deterministic by its options. People, voices (train: kal, awb, rms;
 * validation and test: slt) and sentences of two splits have nothing in common.
 * @throws ProsoponError `unavailable` without the program flite, `bad-input`, `cancelled`, `crashed`.
 */
export async function speakingClip(options: SpeakingClipOptions): Promise<SpeakingClip> {
  const { seed, split, framesPerSecond = 25, voice, seconds, signal } = options;
  if (!(framesPerSecond >= 1 && framesPerSecond <= 240)) {
    throw new ProsoponError("bad-input", `A clip cannot have ${framesPerSecond} frames per second.`, {
      values: { framesPerSecond },
      mend: "Give a rate from 1 to 240.",
    });
  }
  const drawn = clipScene(seed, split);
  const random = philox(seed, `corpus/clip/${split}`);
  const base: Scene = {
    ...drawn,
    identity: options.identity ?? drawn.identity,
    emotion: options.emotion ?? drawn.emotion,
    intensity: options.intensity ?? drawn.intensity,
  };
  const [tempo, pitch, lively, opening] = coloured(base);
  const plain = speaker({ seed, split, ...(voice ? { voice } : {}) });
  const who: Speaker = {
    ...plain,
    tempo: plain.tempo * tempo,
    pitch: plain.pitch * pitch,
    pitchDeviation: plain.pitchDeviation * lively,
  };
  const text = options.text ?? draw(random.integer(2 ** 31), split, seconds, who.tempo);
  const spoken = await synthesizeSpeech({
    text,
    speaker: who,
    seed,
    recording: options.recording ?? (split === "train" ? "train" : "unseen"),
    ...(seconds === undefined ? {} : { seconds: Math.max(1, Math.round(seconds * framesPerSecond)) / framesPerSecond }),
    ...(signal ? { signal } : {}),
  });
  const frames = Math.max(1, Math.round((spoken.samples.length / spoken.sampleRate) * framesPerSecond));
  const audio = new Float32Array(Math.round((frames * spoken.sampleRate) / framesPerSecond));
  audio.set(spoken.samples.subarray(0, audio.length));
  const end = audio.length / spoken.sampleRate;
  const phones = spoken.phones
    .filter(({ start }) => start < end)
    .map((phone, index, all) => ({ ...phone, end: index === all.length - 1 ? end : Math.min(end, phone.end) }));
  const mouths = mouthTrack(phones, {
    framesPerSecond,
    frames,
    emphasis: opening * (0.94 + 0.12 * random.uniform()),
  });
  const controls = idleMotion({ seed: random.integer(2 ** 31), frames, framesPerSecond });
  const { yaw, pitch: nod, roll } = base.pose;
  const scenes = mouths.map(({ viseme, shape }, frame): Scene => {
    const move = controls[frame]!;
    return {
      ...base,
      viseme,
      mouth: shape,
      blink: move.blink,
      pose: { yaw: yaw + move.yaw, pitch: nod + move.pitch, roll: roll + move.roll },
    };
  });
  return {
    scenes,
    still: { ...base, emotion: options.stillEmotion ?? "neutral" },
    audio,
    sampleRate: spoken.sampleRate,
    framesPerSecond,
    transcript: typeof text === "string" ? text : text.join(" "),
    phones,
    visemes: mouths.map(({ viseme }) => viseme),
    controls,
    emotion: base.emotion,
    intensity: base.intensity,
    identity: base.identity,
    person: personOf(base.identity),
    speaker: who,
    mouthOpening: Float32Array.from(scenes, (frame) => mouthOpening(sceneLandmarks(frame))),
  };
}

function coloured({ emotion, intensity }: Scene): [number, number, number, number] {
  const [tempo, pitch, lively, opening] = delivery[emotion] ?? delivery.neutral;
  const at = (full: number): number => full ** (intensity / 3);
  return [at(tempo), at(pitch), at(lively), at(opening)];
}

/** Characters that one second of speech takes at tempo 1, about. */
const charactersPerSecond = 18;
/** Of ten sentences eight train, one validates, one tests. */
const tenths: Readonly<Record<Split, readonly number[]>> = {
  train: [0, 1, 2, 3, 4, 5, 6, 7],
  validation: [8],
  test: [9],
};

/** Sentences of the split, four of five plain, that fill `seconds` as well as a few draws can; one if no length is given. */
function draw(seed: number, split: Split, seconds: number | undefined, tempo: number): string[] {
  const random = philox(seed, "corpus/clip/text");
  const next = (): string => {
    const style: SentenceStyle = random.uniform() < 0.2 ? "grid" : "plain";
    return sentence(10 * random.integer(sentenceCount / 10) + random.pick(tenths[split]), style);
  };
  if (seconds === undefined) return [next()];
  const chosen: string[] = [];
  for (let left = (seconds - 0.7) * charactersPerSecond * tempo; left > 18 || chosen.length === 0; ) {
    // Far from the end any sentence will do; near it, the longest of a dozen that fits.
    const candidates = Array.from({ length: left > 120 ? 1 : 12 }, next).sort((a, b) => b.length - a.length);
    const text =
      candidates.find(({ length }) => length <= left) ?? (chosen.length === 0 ? candidates.at(-1) : undefined);
    if (text === undefined) break;
    chosen.push(text);
    left -= text.length + 0.4 * charactersPerSecond * tempo;
  }
  return chosen;
}
