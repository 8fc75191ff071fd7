import { philox } from "@prosopon/random";
import { type Colour, fromHue, mix, scale } from "./colour.ts";

export const hairStyles = [
  "bald",
  "buzz",
  "receding",
  "short",
  "quiff",
  "fringe",
  "curly",
  "afro",
  "pixie",
  "bob",
  "long",
  "wavy",
  "bun",
  "ponytail",
  "locs",
  "headscarf",
] as const;
export type HairStyle = (typeof hairStyles)[number];

export const beardStyles = ["none", "stubble", "moustache", "goatee", "full"] as const;
export type BeardStyle = (typeof beardStyles)[number];

export const glassesStyles = ["none", "round", "square", "half"] as const;
export type GlassesStyle = (typeof glassesStyles)[number];

export const clothesStyles = ["tee", "v-neck", "shirt", "hoodie", "turtleneck", "blazer"] as const;
export type ClothesStyle = (typeof clothesStyles)[number];

/**
 * Everything about a person that stays the same from picture to picture. Lengths are in 1/128 of the frame's width at framing
 * scale 1, measured on the unturned, unmoved face; factors are around 1. Plain data, so it can be edited, stored and sent.
 */
export interface Person {
  readonly identity: number;
  /** 18 to 80 years. */
  readonly age: number;
  /** 0 masculine to 1 feminine styling; correlates with face shape, hair and beard, decides none. */
  readonly femininity: number;
  readonly skin: Colour;
  readonly faceWidth: number;
  readonly faceHeight: number;
  readonly foreheadHeight: number;
  /** 0 pointed to 1 square. */
  readonly jawSquareness: number;
  readonly jawTaper: number;
  readonly cheekbones: number;
  readonly eyeDistance: number;
  readonly eyeWidth: number;
  readonly eyeHeight: number;
  /** Outer corner above the inner, in frame units. */
  readonly eyeTilt: number;
  /** 0 a deep crease to 1 none. */
  readonly monolid: number;
  readonly iris: Colour;
  readonly irisSize: number;
  readonly lashes: number;
  readonly browHeight: number;
  readonly browThickness: number;
  readonly browArch: number;
  readonly browSlant: number;
  readonly browLength: number;
  readonly noseLength: number;
  readonly noseWidth: number;
  readonly noseBridge: number;
  readonly mouthWidth: number;
  readonly mouthHeight: number;
  readonly upperLip: number;
  readonly lowerLip: number;
  readonly lips: Colour;
  readonly earSize: number;
  readonly earring: boolean;
  readonly hair: HairStyle;
  readonly hairColour: Colour;
  readonly hairVolume: number;
  /** -1 or 1: the side of the parting. */
  readonly parting: number;
  readonly beard: BeardStyle;
  readonly glasses: GlassesStyle;
  readonly glassesColour: Colour;
  readonly freckles: number;
  readonly moles: readonly (readonly [x: number, y: number])[];
  readonly clothes: ClothesStyle;
  readonly clothesColour: Colour;
  readonly accentColour: Colour;
  readonly shoulders: number;
  /** How unevenly the two sides move, -0.12 to 0.12. */
  readonly asymmetry: number;
}

const skins: readonly Colour[] = [
  [255, 226, 206],
  [247, 210, 184],
  [240, 196, 164],
  [230, 182, 146],
  [214, 162, 124],
  [196, 142, 104],
  [172, 118, 82],
  [146, 96, 66],
  [116, 74, 52],
  [88, 56, 42],
];

const hairs: readonly Colour[] = [
  [28, 24, 26],
  [44, 34, 32],
  [66, 46, 36],
  [92, 62, 42],
  [126, 86, 54],
  [168, 120, 72],
  [206, 166, 104],
  [226, 196, 140],
  [152, 74, 40],
  [118, 48, 34],
];

const irises: readonly Colour[] = [
  [74, 46, 30],
  [98, 62, 36],
  [126, 88, 48],
  [110, 118, 66],
  [88, 130, 92],
  [84, 126, 158],
  [104, 158, 196],
  [112, 122, 134],
];

/** The person of an identity number: the same number is the same person in every picture. */
export function person(identity: number): Person {
  const random = philox(identity, "corpus/person");
  const between = (low: number, high: number): number => low + (high - low) * random.uniform();
  /** Bell-shaped over the range, so that most people are ordinary and some are not. */
  const around = (low: number, high: number): number =>
    low + ((high - low) * (random.uniform() + random.uniform())) / 2;
  const chance = (probability: number): boolean => random.uniform() < probability;

  const age = Math.round(18 + 62 * random.uniform() ** 1.4);
  const feminine = chance(0.5);
  const femininity = feminine ? between(0.62, 1) : between(0, 0.38);
  const tone = between(0, skins.length - 1.001);
  const light = skins[Math.floor(tone)] ?? [230, 182, 146];
  const warm = between(-7, 7);
  const plain = mix(light, skins[Math.floor(tone) + 1] ?? light, tone % 1);
  const skin: Colour = [plain[0] + warm * 0.3, plain[1], plain[2] - warm];
  const dark = tone / (skins.length - 1);

  const naturalHair =
    dark > 0.5 || chance(0.3)
      ? (hairs[random.integer(3)] ?? [40, 30, 30])
      : (hairs[random.integer(hairs.length)] ?? [90, 60, 40]);
  const jitter = between(0.88, 1.12);
  const grey = age > 42 ? Math.min(1, Math.max(0, (age - 42) / 30 + between(-0.35, 0.25))) : 0;
  const dyed = age < 45 && chance(0.07);
  const hairColour = dyed
    ? fromHue(random.uniform(), between(0.45, 0.7), between(0.35, 0.6))
    : mix(scale(naturalHair, jitter), [206, 204, 202], grey * 0.92);
  const iris = dark > 0.55 ? irises[random.integer(3)] : irises[random.integer(irises.length)];

  const hair = pickHair();
  const bearded = !feminine && hair !== "headscarf" && chance(0.48);
  const made = feminine && chance(0.55);
  const lipBase = mix(skin, [176, 62, 70], dark > 0.6 ? 0.34 : 0.42);
  const lips = made
    ? mix(lipBase, fromHue(between(0.93, 1.03), 0.62, between(0.36, 0.5)), between(0.35, 0.85))
    : lipBase;
  const clothesHue = random.uniform();
  const muted = chance(0.4);
  const shift = feminine ? 1 : -1;

  function pickHair(): HairStyle {
    if (feminine) {
      const styles: readonly HairStyle[] = [
        "bob",
        "long",
        "wavy",
        "bun",
        "ponytail",
        "pixie",
        "curly",
        "fringe",
        "afro",
        "locs",
      ];
      const roll = random.uniform();
      if (roll < 0.07) return "headscarf";
      if (roll < 0.1) return "buzz";
      return random.pick(styles);
    }
    const styles: readonly HairStyle[] = [
      "short",
      "quiff",
      "fringe",
      "buzz",
      "curly",
      "short",
      "quiff",
      "afro",
      "locs",
      "wavy",
    ];
    if (age > 40 && chance(0.4)) return chance(0.5) ? "receding" : "bald";
    return chance(0.05) ? "bald" : random.pick(styles);
  }

  return {
    identity,
    age,
    femininity,
    skin,
    faceWidth: around(33, 38.5) - 0.6 * shift,
    faceHeight: around(50, 57) - 0.8 * shift,
    foreheadHeight: around(38, 44),
    jawSquareness: around(0.2, 1) - 0.2 * (1 + shift) * 0.6,
    jawTaper: around(0, 0.3) + 0.05 * shift,
    cheekbones: around(0, 1),
    eyeDistance: around(15.2, 17.8),
    eyeWidth: around(7.4, 9.2) + 0.3 * shift,
    eyeHeight: around(0.82, 1.2) + 0.04 * shift,
    eyeTilt: around(-0.8, 2.2) + 0.3 * shift,
    monolid: chance(0.25) ? between(0.6, 1) : between(0, 0.4),
    iris: iris ?? [90, 60, 40],
    irisSize: around(4.1, 4.9),
    lashes: feminine ? between(0.5, 1) : between(0, 0.3),
    browHeight: around(-12.6, -9.6) - 0.6 * shift,
    browThickness: around(1.7, 3.9) - 0.45 * shift,
    browArch: around(0.6, 3.2) + 0.3 * shift,
    browSlant: around(-1.6, 0.9),
    browLength: around(0.92, 1.1),
    noseLength: around(15.5, 20),
    noseWidth: around(5.8, 9) - 0.5 * shift + 0.9 * dark,
    noseBridge: around(0.3, 1),
    mouthWidth: around(11.4, 14.8),
    mouthHeight: around(0.45, 0.55),
    upperLip: around(1.7, 3.3) + 0.3 * shift + 0.7 * dark,
    lowerLip: around(2.6, 4.6) + 0.3 * shift + 0.7 * dark,
    lips,
    earSize: around(0.85, 1.2),
    earring: feminine ? chance(0.45) : chance(0.07),
    hair,
    hairColour,
    hairVolume: between(0.7, 1.35),
    parting: chance(0.5) ? 1 : -1,
    beard: bearded ? random.pick(["stubble", "moustache", "goatee", "full", "full", "stubble"] as const) : "none",
    glasses: chance(age > 50 ? 0.42 : 0.24) ? random.pick(["round", "square", "half"] as const) : "none",
    glassesColour: chance(0.6) ? [34, 32, 36] : fromHue(random.uniform(), 0.45, 0.32),
    freckles: dark < 0.45 && chance(0.2) ? between(0.3, 1) : 0,
    moles: chance(0.3) ? [[between(-22, 22), between(14, 42)] as const] : [],
    clothes: random.pick(clothesStyles),
    clothesColour: fromHue(clothesHue, muted ? between(0.04, 0.2) : between(0.25, 0.52), between(0.2, 0.66)),
    accentColour: chance(0.5) ? [238, 236, 230] : fromHue(clothesHue + between(0.3, 0.7), 0.4, between(0.25, 0.75)),
    shoulders: around(46, 60) - 3 * shift,
    asymmetry: between(-0.12, 0.12),
  };
}
