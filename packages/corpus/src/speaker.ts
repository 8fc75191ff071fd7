import { philox } from "@prosopon/random";
import type { FliteVoice } from "./flite.ts";
import type { Split } from "./split.ts";

/** A way of speaking: one synthetic voice, moved. */
export interface Speaker {
  readonly voice: FliteVoice;
  /** Mean pitch in hertz. */
  readonly pitch: number;
  /** Standard deviation of the pitch in hertz. */
  readonly pitchDeviation: number;
  /** Resonances of the vocal tract against the voice's own: above 1 a shorter tract. */
  readonly formants: number;
  /** Speed against the voice's own. */
  readonly tempo: number;
}

export interface SpeakerOptions {
  readonly seed: number;
  /** "train" if not given. */
  readonly split?: Split;
  /** A voice of the split if not given. */
  readonly voice?: FliteVoice;
}

/** No voice is in two parts; validation and test share the one female voice, with tracts and pitches of their own. */
const voicesOf: Readonly<Record<Split, readonly FliteVoice[]>> = {
  train: ["kal16", "awb", "rms"],
  validation: ["slt"],
  test: ["slt"],
};

/** A speaker by seed: with pitch, vocal tract and tempo drawn anew, three voices become many. */
export function speaker({ seed, split = "train", voice }: SpeakerOptions): Speaker {
  const random = philox(seed, `corpus/speaker/${split}`);
  const between = (low: number, high: number): number => low * (high / low) ** random.uniform();
  const chosen = voice ?? random.pick(voicesOf[split]);
  const female = chosen === "slt";
  // Beyond the range of training on one side each, so that both other parts hear tracts that nothing was trained on.
  const unseen = random.uniform() < 0.4;
  const formants = female
    ? split === "train" || !unseen
      ? between(0.92, 1.12)
      : split === "validation"
        ? between(1.12, 1.2)
        : between(0.84, 0.92)
    : between(0.86, 1.28);
  const pitch = (female ? 185 * formants : 108 * formants ** 2.8) * Math.exp(0.13 * random.gaussian());
  return {
    voice: chosen,
    pitch: Math.max(70, Math.min(320, pitch)),
    pitchDeviation: between(0.08, 0.22) * pitch,
    formants,
    tempo: split === "train" ? between(0.82, 1.28) : between(0.78, 1.35),
  };
}
