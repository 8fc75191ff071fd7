import { type Person, personLimits } from "@prosopon/corpus";

/** Medians of what `fitPerson` finds in photographs of 33 people who look ahead: where its ordinary people are, there lie these. */
const usual = {
  faceWidth: 34.45,
} as const satisfies Partial<Record<keyof Person, number>>;

/** How much of a difference between people the drawing shows. */
const emphasis = 1.4;

/**
 * A person whose shape was fitted to a photograph as the corpus would draw them: drawn faces have larger eyes and shorter noses than people, so
 * that what counts is how somebody differs from others, not the measure itself.
 */
export function asDrawn(person: Person): Person {
  const shape = Object.entries(usual).map(([key, median]) => {
    const name = key as keyof typeof usual;
    const { start, low, high } = personLimits[name];
    return [name, Math.min(high, Math.max(low, start + emphasis * (person[name] - median)))] as const;
  });
  return { ...person, ...Object.fromEntries(shape) };
}
