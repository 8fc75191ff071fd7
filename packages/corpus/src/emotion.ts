import { ProsoponError } from "@prosopon/errors";

/** The eight emotions in the index order that every package uses. */
export const emotions = ["neutral", "happy", "sad", "surprised", "scared", "disgusted", "angry", "contempt"] as const;

export type Emotion = (typeof emotions)[number];

/** How strongly an emotion shows: 1 slight, 2 clear, 3 strong (the three levels of MEAD). */
export type Intensity = 1 | 2 | 3;

export const intensities = [1, 2, 3] as const satisfies readonly Intensity[];

/** The nouns that other data sets use, and what they stand for here. */
export const emotionAliases: Readonly<Record<string, Emotion>> = {
  happiness: "happy",
  sadness: "sad",
  surprise: "surprised",
  fear: "scared",
  disgust: "disgusted",
  anger: "angry",
};

/**
 * The emotion behind a name, an alias or an index 0..7; upper and lower case alike.
 * @throws ProsoponError `bad-input` for anything else; the message lists the eight.
 */
export function emotionOf(name: string | number): Emotion {
  if (typeof name === "number") {
    const found = emotions[name];
    if (found !== undefined) return found;
  } else {
    const key = name.trim().toLowerCase();
    const found = emotions.find((emotion) => emotion === key) ?? ownAlias(key);
    if (found !== undefined) return found;
  }
  throw new ProsoponError("bad-input", `Unknown emotion ${JSON.stringify(name)}.`, {
    values: { emotion: name },
    mend: `Use one of ${emotions.join(", ")}, an index 0 to 7, or an alias (${Object.keys(emotionAliases).join(", ")}).`,
  });
}

/** Index 0..7 of an emotion, given by name or alias. */
export function emotionIndex(name: string | number): number {
  return emotions.indexOf(emotionOf(name));
}

function ownAlias(key: string): Emotion | undefined {
  return Object.hasOwn(emotionAliases, key) ? emotionAliases[key] : undefined;
}
