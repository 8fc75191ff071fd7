import { ProsoponError } from "@prosopon/errors";
import { philox } from "@prosopon/random";
import { type ActionUnit, type ActionUnits, actionUnitsOf } from "./action-units.ts";
import { type Emotion, emotionOf, type Intensity, intensities } from "./emotion.ts";

export interface ExpressionOptions {
  readonly emotion: Emotion | string | number;
  /** 1 slight, 2 clear, 3 strong. The neutral face has no grades; the value is accepted and ignored. */
  readonly intensity: Intensity;
  /** Seed of the natural variation: which prototype of the emotion, how strong each unit, which side. */
  readonly seed?: number;
}

type Prototype = Partial<Record<ActionUnit, number>>;

/** EMFACS prototypes (Friesen and Ekman 1983) at full strength, several for an emotion where the manual lists several. */
const prototypes: Readonly<Record<Exclude<Emotion, "neutral" | "contempt">, readonly Prototype[]>> = {
  happy: [
    { AU6: 0.9, AU12: 1, AU25: 0.9, AU26: 0.2 },
    { AU6: 1, AU12: 1, AU25: 1, AU26: 0.5 },
    { AU6: 0.8, AU12: 0.95, AU25: 0.55, AU1: 0.1, AU2: 0.15 },
  ],
  sad: [
    { AU1: 1, AU4: 0.65, AU15: 1, AU17: 0.5, AU43: 0.3 },
    { AU1: 0.95, AU4: 0.8, AU15: 0.9, AU17: 0.9, AU43: 0.25, AU7: 0.2 },
    { AU1: 1, AU4: 0.5, AU15: 1, AU25: 0.2, AU43: 0.38 },
  ],
  surprised: [
    { AU1: 1, AU2: 1, AU5: 0.85, AU25: 0.6, AU26: 1 },
    { AU1: 0.95, AU2: 1, AU5: 0.9, AU25: 0.7, AU27: 0.8 },
    { AU1: 1, AU2: 0.9, AU5: 0.8, AU25: 0.5, AU26: 0.9, AU27: 0.3 },
  ],
  scared: [
    { AU1: 1, AU2: 0.45, AU4: 0.75, AU5: 1, AU7: 0.3, AU20: 0.95, AU25: 0.9, AU16: 0.4 },
    { AU1: 0.95, AU2: 0.4, AU4: 0.8, AU5: 1, AU20: 1, AU25: 0.8, AU26: 0.4, AU16: 0.5 },
    { AU1: 1, AU2: 0.5, AU4: 0.7, AU5: 0.95, AU7: 0.2, AU20: 0.85, AU25: 1, AU26: 0.25, AU16: 0.7 },
  ],
  disgusted: [
    { AU9: 1, AU10: 0.9, AU4: 0.4, AU6: 0.3, AU7: 0.6, AU15: 0.3, AU17: 0.4, AU25: 0.25 },
    { AU9: 0.9, AU10: 1, AU4: 0.3, AU7: 0.55, AU15: 0.2, AU16: 0.5, AU25: 0.7 },
    { AU9: 1, AU10: 0.8, AU4: 0.45, AU7: 0.7, AU15: 0.45, AU17: 0.7 },
  ],
  angry: [
    { AU4: 1, AU5: 0.6, AU7: 0.7, AU23: 0.9, AU24: 0.8, AU17: 0.4 },
    { AU4: 1, AU5: 0.7, AU7: 0.6, AU23: 1, AU24: 0.9, AU15: 0.2 },
    { AU4: 1, AU5: 0.65, AU7: 0.7, AU23: 0.6, AU10: 0.35, AU16: 0.6, AU25: 0.85, AU20: 0.25 },
  ],
};

const contempt: readonly (readonly [
  both: Prototype,
  oneSided: readonly (readonly [number: 2 | 12 | 14, strength: number])[],
])[] = [
  [
    { AU7: 0.25, AU43: 0.15, AU4: 0.12 },
    [
      [12, 0.75],
      [14, 1],
      [2, 0.45],
    ],
  ],
  [
    { AU7: 0.3, AU43: 0.2 },
    [
      [12, 0.6],
      [14, 1],
      [2, 0.6],
    ],
  ],
  [
    { AU7: 0.2, AU43: 0.25, AU17: 0.25, AU24: 0.25 },
    [
      [12, 0.7],
      [14, 0.95],
      [2, 0.3],
    ],
  ],
];

/** Grades do not overlap, so that intensity is a label that can be read off the face. */
const strengths: Readonly<Record<Intensity, readonly [low: number, high: number]>> = {
  1: [0.34, 0.42],
  2: [0.62, 0.7],
  3: [0.92, 1],
};

/**
 * The action units of an emotion at one of three intensities. The same seed gives the same prototype and variation at every
 * intensity, so grades of one seed differ in strength alone.
 * @throws ProsoponError `bad-input` for an unknown emotion or intensity.
 */
export function expression({ emotion, intensity, seed = 0 }: ExpressionOptions): ActionUnits {
  const name = emotionOf(emotion);
  if (!intensities.includes(intensity)) {
    throw new ProsoponError("bad-input", `Unknown intensity ${JSON.stringify(intensity)}.`, {
      values: { intensity },
      mend: "Use 1 (slight), 2 (clear) or 3 (strong).",
    });
  }
  const random = philox(seed, `corpus/expression/${name}`);
  if (name === "neutral") {
    return actionUnitsOf({
      AU1: 0.06 * random.uniform(),
      AU2: 0.06 * random.uniform(),
      AU4: 0.06 * random.uniform(),
      AU12: 0.05 * random.uniform(),
      AU15: 0.05 * random.uniform(),
      AU43: 0.1 * random.uniform(),
    });
  }
  const [low, high] = strengths[intensity];
  const strength = low + (high - low) * random.uniform();
  const prototype: Prototype = {};
  if (name === "contempt") {
    const [both, oneSided] = random.pick(contempt);
    const side = random.uniform() < 0.5 ? "L" : "R";
    Object.assign(prototype, both);
    for (const [number, value] of oneSided) prototype[`${side}${number}`] = value;
  } else {
    Object.assign(prototype, random.pick(prototypes[name]));
  }
  for (const unit of Object.keys(prototype) as ActionUnit[]) {
    prototype[unit] = (prototype[unit] ?? 0) * strength * (0.86 + 0.14 * random.uniform());
  }
  return actionUnitsOf(prototype);
}
