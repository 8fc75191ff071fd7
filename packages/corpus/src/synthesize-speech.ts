import { ProsoponError } from "@prosopon/errors";
import { philox, type Random } from "@prosopon/random";
import { type FliteVoice, flite } from "./flite.ts";
import type { Sound } from "./pcm-wave.ts";
import type { Phone } from "./phone.ts";
import { resampleSound } from "./resample-sound.ts";
import { type Speaker, speaker } from "./speaker.ts";
import { varyRecording } from "./vary-recording.ts";

export interface SpeechOptions {
  /** What is said: one sentence, or several with pauses between. */
  readonly text: string | readonly string[];
  /** One of flite's voices; not used with `speaker`. Drawn from the training voices if neither is given. */
  readonly voice?: FliteVoice;
  /** A way of speaking; drawn by seed if not given. */
  readonly speaker?: Speaker;
  /** Seed of speaker, pauses and recording; 0 if not given. */
  readonly seed?: number;
  /** "clean" as synthesized, else another microphone, room and noise by seed. "train" if not given. */
  readonly recording?: "clean" | "train" | "unseen";
  /** Exact length; what is longer is cut, what is shorter ends in silence. As long as the speech and its pauses if not given. */
  readonly seconds?: number;
  readonly signal?: AbortSignal;
}

/** Mono speech at 16 kHz with its phones, silences included, from 0 to the end. */
export interface Speech extends Sound {
  readonly phones: readonly Phone[];
  readonly speaker: Speaker;
}

const rate = 16_000;

/**
 * Speech with exact phone times. Pitch, vocal tract and tempo move through flite's own prosody and resampling; leading, trailing
 * and inner silences are random; deterministic by seed.
 * @throws ProsoponError `unavailable` without the program flite, `bad-input`, `cancelled`, `crashed`.
 */
export async function synthesizeSpeech(options: SpeechOptions): Promise<Speech> {
  const { text, voice, seed = 0, recording = "train", seconds, signal } = options;
  if (seconds !== undefined && !(seconds > 0 && seconds <= 3600)) {
    throw new ProsoponError("bad-input", `Speech cannot last ${seconds} seconds.`, {
      values: { seconds },
      mend: "Give a length above 0, at most 3600.",
    });
  }
  const who = options.speaker ?? speaker({ seed, ...(voice ? { voice } : {}) });
  const random = philox(seed, "corpus/speech");
  const pieces: Float32Array[] = [];
  const phones: Phone[] = [];
  let length = 0;
  const silence = (duration: number): void => append(new Float32Array(Math.round(duration * rate)), []);
  const append = (samples: Float32Array, spoken: readonly Phone[]): void => {
    const at = length / rate;
    pieces.push(samples);
    length += samples.length;
    if (spoken.length === 0 && samples.length > 0) phones.push({ phone: "SIL", start: at, end: length / rate });
    for (const { phone, start, end } of spoken) phones.push({ phone, start: at + start, end: at + end });
  };
  silence(0.08 + 0.5 * random.uniform());
  for (const [index, line] of (typeof text === "string" ? [text] : text).entries()) {
    if (index > 0) silence(0.15 + 0.5 * random.uniform());
    const spoken = await utter(line, who, signal);
    for (const { samples, phones: said } of breathe(spoken, random)) append(samples, said);
  }
  silence(0.1 + 0.5 * random.uniform());
  const dry = new Float32Array(seconds === undefined ? length : Math.round(seconds * rate));
  let at = 0;
  for (const piece of pieces) {
    if (at < dry.length) dry.set(piece.subarray(0, dry.length - at), at);
    at += piece.length;
  }
  const samples = recording === "clean" ? dry : varyRecording(dry, { seed, sampleRate: rate, range: recording });
  return { samples, sampleRate: rate, phones: fit(phones, dry.length / rate), speaker: who };
}

interface Part {
  readonly samples: Float32Array;
  readonly phones: readonly Phone[];
}

/** One sentence without the silence around it, moved to the speaker. */
async function utter(text: string, who: Speaker, signal: AbortSignal | undefined): Promise<Part> {
  const { voice, pitch, pitchDeviation, formants, tempo } = who;
  const raw = await flite({
    text,
    voice,
    stretch: formants / tempo,
    pitch: pitch / formants,
    pitchDeviation: pitchDeviation / formants,
    ...(signal ? { signal } : {}),
  });
  const speed = (formants * raw.sampleRate) / rate;
  const spoken = raw.phones.filter(({ phone }) => phone !== "SIL");
  const start = spoken[0]?.start ?? 0;
  const end = spoken.at(-1)?.end ?? 0;
  const cut = raw.samples.subarray(Math.round(start * raw.sampleRate), Math.round(end * raw.sampleRate));
  const samples = resampleSound(cut, speed);
  const last = samples.length / rate;
  const inside = raw.phones.filter((phone) => phone.start >= start && phone.end <= end);
  return {
    samples,
    phones: inside.map(({ phone, start: from, end: to }) => ({
      phone,
      start: Math.min(last, (from - start) / formants),
      end: Math.min(last, (to - start) / formants),
    })),
  };
}

/** Lengthens some of the pauses inside a sentence. */
function breathe({ samples, phones }: Part, random: Random): Part[] {
  const parts: Part[] = [];
  let from = 0;
  let first = 0;
  const take = (until: number, before: number): void => {
    const start = from / rate;
    parts.push({
      samples: samples.subarray(from, until),
      phones: phones.slice(first, before).map(({ phone, ...time }) => ({
        phone,
        start: time.start - start,
        end: Math.min(time.end, until / rate) - start,
      })),
    });
  };
  for (const [index, { phone, end }] of phones.entries()) {
    if (phone !== "SIL" || random.uniform() < 0.5) continue;
    const until = Math.round(end * rate);
    take(until, index + 1);
    parts.push({ samples: new Float32Array(Math.round(0.4 * random.uniform() * rate)), phones: [] });
    [from, first] = [until, index + 1];
  }
  take(samples.length, phones.length);
  return parts;
}

/** Cuts the phones at the end of the sound, or prolongs the last silence to it. */
function fit(phones: readonly Phone[], seconds: number): Phone[] {
  const kept: Phone[] = [];
  for (const { phone, start, end } of phones) {
    const before = kept.at(-1);
    if (start >= seconds) break;
    if (phone === "SIL" && before?.phone === "SIL") kept[kept.length - 1] = { ...before, end: Math.min(end, seconds) };
    else if (end > start) kept.push({ phone, start: before?.end ?? 0, end: Math.min(end, seconds) });
  }
  const last = kept.at(-1);
  if (last && last.end < seconds) {
    if (last.phone === "SIL") kept[kept.length - 1] = { ...last, end: seconds };
    else kept.push({ phone: "SIL", start: last.end, end: seconds });
  }
  return kept;
}
