import { ProsoponError } from "@prosopon/errors";

/**
 * Mouth shapes of speech. The letters are the single viseme classes of the phoneme table that the lip-reading metric uses
 * (IPA groups in the comments); its longer classes ("er", "ar", ...) are sequences of these.
 */
export const visemes = [
  "silence",
  "p", // p b m
  "t", // t d n l
  "S", // ʃ ʒ tʃ dʒ
  "T", // θ ð
  "f", // f v
  "k", // k g h ŋ
  "i", // i ɪ j
  "r", // ɹ
  "s", // s z
  "u", // u ʊ w
  "@", // ə
  "a", // a æ ɑ
  "e", // eɪ
  "E", // ɛ ʌ
  "o", // oʊ
  "O", // ɔ
] as const;

export type Viseme = (typeof visemes)[number];

/** What speech does to the mouth, beside and above the emotion. */
export interface MouthShape {
  /** Jaw opening, 0 to 1. */
  readonly jaw: number;
  /** Lip width, -1 (narrow) to 1 (spread). */
  readonly width: number;
  /** Lips pushed forward and rounded, 0 to 1. */
  readonly protrusion: number;
  /** Upper lip raise, 0 to 1. */
  readonly upper: number;
  /** Lower lip depression, -1 (raised to the teeth) to 1. */
  readonly lower: number;
  /** Lips held together, 0 to 1; wins over whatever opens the mouth. */
  readonly closure: number;
  /** Tongue tip raised to the teeth, 0 to 1. */
  readonly tongue: number;
  /** How much speech governs the opening: at 1 the emotion's own jaw and lip parting give way. */
  readonly speech: number;
}

const shape = (
  jaw: number,
  width: number,
  protrusion: number,
  upper: number,
  lower: number,
  closure = 0,
  tongue = 0,
): MouthShape => ({ jaw, width, protrusion, upper, lower, closure, tongue, speech: 1 });

const shapes: Readonly<Record<Viseme, MouthShape>> = {
  silence: { ...shape(0, 0, 0, 0, 0), speech: 0 },
  p: shape(0.02, 0, 0.1, 0, 0, 1),
  t: shape(0.16, 0.15, 0, 0.2, 0.3, 0, 0.6),
  S: shape(0.14, -0.45, 0.6, 0.45, 0.5),
  T: shape(0.2, 0.1, 0, 0.15, 0.25, 0, 1),
  f: shape(0.1, 0.1, 0, 0.5, -1),
  k: shape(0.28, 0.1, 0, 0.15, 0.25),
  i: shape(0.13, 0.85, 0, 0.3, 0.45),
  r: shape(0.2, -0.4, 0.5, 0.2, 0.3),
  s: shape(0.06, 0.5, 0, 0.4, 0.6),
  u: shape(0.16, -1, 1, 0.05, 0),
  "@": shape(0.3, 0, 0, 0.15, 0.2),
  a: shape(0.95, 0.1, 0, 0.25, 0.3),
  e: shape(0.36, 0.6, 0, 0.25, 0.35),
  E: shape(0.55, 0.3, 0, 0.2, 0.3),
  o: shape(0.42, -0.75, 0.85, 0.1, 0.1),
  O: shape(0.68, -0.5, 0.6, 0.15, 0.15),
};

/**
 * The mouth shape of a viseme.
 * @throws ProsoponError `bad-input` for an unknown viseme.
 */
export function mouthShape(viseme: Viseme): MouthShape {
  const found = Object.hasOwn(shapes, viseme) ? shapes[viseme] : undefined;
  if (found) return found;
  throw new ProsoponError("bad-input", `Unknown viseme ${JSON.stringify(viseme)}.`, {
    values: { viseme },
    mend: `Use one of ${visemes.join(", ")}.`,
  });
}

/** Straight mixture of two mouth shapes, for co-articulation between frames; `amount` 0 gives `from`, 1 gives `to`. */
export function blendMouthShapes(from: MouthShape, to: MouthShape, amount: number): MouthShape {
  const mix = (a: number, b: number): number => a + (b - a) * amount;
  return {
    jaw: mix(from.jaw, to.jaw),
    width: mix(from.width, to.width),
    protrusion: mix(from.protrusion, to.protrusion),
    upper: mix(from.upper, to.upper),
    lower: mix(from.lower, to.lower),
    closure: mix(from.closure, to.closure),
    tongue: mix(from.tongue, to.tongue),
    speech: mix(from.speech, to.speech),
  };
}
