import { type Arpabet, arpabet } from "./arpabet.ts";
import type { MouthShape, Viseme } from "./viseme.ts";

/** What the mouth does during a part of a phone. */
export interface Gesture {
  readonly viseme: Viseme;
  /** Part of the phone's length; the shares of a phone add up to 1. */
  readonly share: number;
  /** Changes to the shape of the viseme. */
  readonly shape?: Partial<MouthShape>;
}

const one = (viseme: Viseme, shape?: Partial<MouthShape>): readonly Gesture[] => [
  shape ? { viseme, share: 1, shape } : { viseme, share: 1 },
];
const two = (first: Viseme, share: number, second: Viseme): readonly Gesture[] => [
  { viseme: first, share },
  { viseme: second, share: 1 - share },
];

// Speech at rest between words keeps the lips together lightly, whatever the emotion does to them.
const silence = one("silence", { closure: 0.85, speech: 1 });
const alveolar = one("t", { jaw: 0.06, upper: 0.1, lower: 0.12 });
const sibilant = one("s", { jaw: 0.02, upper: 0.14, lower: 0.22 });

const gestures: Readonly<Record<Arpabet, readonly Gesture[]>> = {
  AA: one("a", { width: -0.05 }),
  AE: one("a", { width: 0.4, upper: 0.35 }),
  AH: one("E", { width: 0.05 }),
  AO: one("O"),
  AW: two("a", 0.6, "u"),
  AX: one("@"),
  AXR: one("@", { width: -0.2, protrusion: 0.25 }),
  AY: two("a", 0.6, "i"),
  B: one("p"),
  CH: one("S"),
  D: alveolar,
  DH: one("T", { jaw: 0.1 }),
  DX: alveolar,
  EH: one("E"),
  EL: two("@", 0.4, "t"),
  EM: one("p"),
  EN: alveolar,
  ER: one("E", { jaw: 0.36, width: -0.2, protrusion: 0.35 }),
  EY: two("e", 0.6, "i"),
  F: one("f"),
  G: one("k"),
  HH: one("k"),
  HV: one("k"),
  IH: one("i", { jaw: 0.22, width: 0.55 }),
  IX: one("i", { jaw: 0.22, width: 0.4 }),
  IY: one("i"),
  JH: one("S"),
  K: one("k", { jaw: 0.2 }),
  L: one("t", { jaw: 0.16 }),
  M: one("p"),
  N: alveolar,
  NG: one("k", { jaw: 0.2 }),
  NX: alveolar,
  OW: two("o", 0.55, "u"),
  OY: two("O", 0.55, "i"),
  P: one("p"),
  Q: one("k"),
  R: one("r"),
  S: sibilant,
  SH: one("S"),
  T: alveolar,
  TH: one("T", { jaw: 0.1 }),
  UH: one("u", { jaw: 0.24, width: -0.7, protrusion: 0.7 }),
  UW: one("u"),
  UX: one("u"),
  V: one("f"),
  W: one("u"),
  Y: one("i"),
  Z: sibilant,
  ZH: one("S"),
  SIL: silence,
};

/**
 * The mouth gestures of a phone, in order; diphthongs have two.
 * @throws ProsoponError `bad-input` for an unknown phone.
 */
export function gesturesOf(phone: string): readonly Gesture[] {
  return gestures[arpabet(phone)];
}
