import { type Person, personLimits } from "@prosopon/corpus";

/** Medians of what `fitPerson` finds in photographs of 33 people who look ahead: where its ordinary people are, there lie these. */
const usual = {
  faceWidth: 34.26,
  faceHeight: 57.47,
  jawSquareness: 0.25,
  jawTaper: 0.19,
  eyeDistance: 15.37,
  eyeWidth: 6.35,
  eyeHeight: 0.76,
  eyeTilt: 0.93,
  browHeight: -9.5,
  browArch: 1.75,
  browSlant: -0.07,
  browLength: 1.1,
  noseLength: 19.1,
  noseWidth: 7.3,
  mouthWidth: 14.27,
  mouthHeight: 0.46,
  upperLip: 3.14,
  lowerLip: 4.14,
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
