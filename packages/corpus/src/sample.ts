import { ProsoponError } from "@prosopon/errors";
import { philox, type Random } from "@prosopon/random";
import { fromHue } from "./colour.ts";
import { emotions, type Intensity } from "./emotion.ts";
import { type Background, backgroundStyles, type Scene } from "./scene.ts";
import { type Split, split } from "./split.ts";
import { type Viseme, visemes } from "./viseme.ts";

export interface SampleOptions {
  /** Seed of the whole data set. */
  readonly seed: number;
  /** Which item, 0 and up; there is no last one. */
  readonly index: number;
  /** Only people of this part; all people if not given. */
  readonly split?: Split;
  /** People are drawn from identities 0 to `identities` - 1; 20000 if not given. */
  readonly identities?: number;
  /** Share of pictures that are caught while speaking; 0.2 if not given. */
  readonly speaking?: number;
}

const combinations = emotions.flatMap((emotion) => ([1, 2, 3] as const).map((intensity) => ({ emotion, intensity })));

/**
 * Item `index` of an endless data set. Every run of 24 items (from a multiple of 24) holds each of the 8 emotions at each of
 * the 3 intensities once, in random order. Depends on the options alone.
 * @throws ProsoponError `bad-input` if `index` is not a whole number from 0, or no identity lies in the split.
 */
export function sample({ seed, index, split: part, identities = 20_000, speaking = 0.2 }: SampleOptions): Scene {
  if (!Number.isSafeInteger(index) || index < 0) {
    throw new ProsoponError("bad-input", `The index ${index} is not a whole number from 0.`, { values: { index } });
  }
  const size = combinations.length;
  const order = philox(seed, `corpus/order/${Math.floor(index / size)}`).shuffle(combinations);
  const { emotion, intensity } = order[index % size] as { emotion: Scene["emotion"]; intensity: Intensity };
  const random = philox(seed, `corpus/sample/${index}`);
  const spread = (deviation: number, limit: number): number =>
    Math.max(-limit, Math.min(limit, deviation * random.gaussian()));
  const identity = drawIdentity(random, identities, part);
  const speaks = random.uniform() < speaking;
  return {
    identity,
    emotion,
    intensity,
    variation: random.integer(2 ** 31),
    pose: { yaw: spread(9, 20), pitch: spread(5, 12), roll: spread(3.2, 8) },
    gaze: { x: spread(0.35, 1), y: spread(0.25, 0.8) },
    blink: random.uniform() < 0.03 ? random.uniform() : 0,
    viseme: speaks ? (visemes[1 + random.integer(visemes.length - 1)] as Viseme) : "silence",
    light: {
      direction: 2 * random.uniform() - 1,
      strength: 0.2 + 0.7 * random.uniform(),
      warmth: spread(0.45, 1),
      exposure: 0.86 + 0.24 * random.uniform(),
    },
    background: drawBackground(random),
    framing: { x: spread(0.9, 3), y: spread(0.9, 3), scale: 1 + spread(0.025, 0.06) },
  };
}

function drawIdentity(random: Random, identities: number, part: Split | undefined): number {
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    const identity = random.integer(identities);
    if (part === undefined || split(identity) === part) return identity;
  }
  throw new ProsoponError(
    "bad-input",
    `None of the identities 0 to ${identities - 1} seems to lie in the ${part} part.`,
    {
      values: { identities, split: part },
      mend: "Give more identities.",
    },
  );
}

function drawBackground(random: Random): Background {
  const hue = random.uniform();
  return {
    style: random.pick(backgroundStyles),
    colour: fromHue(hue, 0.03 + 0.34 * random.uniform() ** 1.5, 0.38 + 0.45 * random.uniform()),
    accent: fromHue(
      hue + 0.08 + 0.5 * random.uniform() ** 2,
      0.03 + 0.36 * random.uniform(),
      0.5 + 0.4 * random.uniform(),
    ),
    seed: random.integer(2 ** 31),
  };
}
