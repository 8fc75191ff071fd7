import { ProsoponError } from "@prosopon/errors";
import { philox, type Random } from "@prosopon/random";
import {
  actions,
  infinitives,
  manner,
  movements,
  names,
  people,
  places,
  qualities,
  things,
  times,
} from "./sentence-words.ts";

export const sentenceStyles = ["plain", "grid"] as const;
/** "plain": phonetically varied English, in the manner of the CMU prompts; "grid": the six-word commands of the GRID corpus. */
export type SentenceStyle = (typeof sentenceStyles)[number];

/** Sentences in each style. */
export const sentenceCount = 4000;

const gridWords = [
  ["bin", "lay", "place", "set"],
  ["blue", "green", "red", "white"],
  ["at", "by", "in", "with"],
  [..."ABCDEFGHIJKLMNOPQRSTUVXYZ"],
  ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
  ["again", "now", "please", "soon"],
] as const;

const words = (entry: string): string => entry.replaceAll("-", " ");
const article = (next: string): string => (/^[aeio]|^un|^ug/.test(next) ? `an ${next}` : `a ${next}`);

type Part = (random: Random) => string;
const from =
  (list: readonly string[]): Part =>
  (random) =>
    words(random.pick(list));
const [name, one, thing, how, quality, place, acted, moved, act, time] = [
  from(names),
  from(people),
  from(things),
  from(manner),
  from(qualities),
  from(places),
  from(actions),
  from(movements),
  from(infinitives),
  from(times),
];
/** A noun with what goes before it. */
const object: Part = (random) => {
  const noun = random.uniform() < 0.6 ? `${quality(random)} ${thing(random)}` : thing(random);
  const kind = random.integer(5);
  if (kind === 0) return article(noun);
  if (kind === 1) return `${name(random)}'s ${noun}`;
  return `${["the", "this", "their"][kind - 2]} ${noun}`;
};
const subject: Part = (random) => {
  const kind = random.integer(4);
  if (kind === 0) return name(random);
  if (kind === 1) return `the ${quality(random)} ${one(random)}`;
  return `${random.pick(["the", "our", "your", "that"])} ${one(random)}`;
};

const templates: readonly Part[] = [
  (r) => `${subject(r)} ${acted(r)} ${object(r)} ${time(r)}`,
  (r) => `${subject(r)} ${how(r)} ${acted(r)} ${object(r)} in the ${place(r)}`,
  (r) => `${time(r)}, ${subject(r)} ${acted(r)} ${object(r)}`,
  (r) => `${subject(r)} and ${subject(r)} ${moved(r)} ${how(r)} through the ${place(r)}`,
  (r) => `why would ${subject(r)} ${act(r)} behind the ${quality(r)} ${place(r)}`,
  (r) => `${name(r)}, please put ${object(r)} beside ${object(r)}`,
  (r) => `do you think ${subject(r)} should ${act(r)} or ${act(r)}`,
  (r) => `there was ${article(`${quality(r)} ${thing(r)}`)} under ${object(r)}`,
  (r) => `both the ${thing(r)} and the ${thing(r)} were ${quality(r)}, but ${object(r)} was ${quality(r)}`,
  (r) => `I usually ${act(r)} when ${subject(r)} is away`,
  (r) => `show me the ${thing(r)} with the ${quality(r)} ${thing(r)}`,
  (r) => `${subject(r)} ${moved(r)} away and ${acted(r)} nothing`,
  (r) => `if they choose to ${act(r)}, ${subject(r)} may ${act(r)} ${how(r)}`,
  (r) => `how much for ${object(r)}, ${name(r)}`,
  (r) => `we measured ${object(r)} near the ${place(r)} ${time(r)}`,
];

/**
 * Sentence `index` (0 to `sentenceCount` - 1) of a style. All text is made here from a small grammar; the same index always gives
 * the same sentence, and 99 of 100 differ from all others.
 * @throws ProsoponError `bad-input` for an index outside the range.
 */
export function sentence(index: number, style: SentenceStyle = "plain"): string {
  if (!Number.isInteger(index) || index < 0 || index >= sentenceCount) {
    throw new ProsoponError("bad-input", `There is no sentence ${index}.`, {
      values: { index, style },
      mend: `Give a whole number from 0 to ${sentenceCount - 1}.`,
    });
  }
  const random = philox(index, `corpus/sentence/${style}`);
  if (style === "grid") return gridWords.map((list) => random.pick(list)).join(" ");
  // Templates take turns, so that any run of sentences holds all of them.
  const text = templates[index % templates.length]!(random);
  const question = /^(why|do|how)/.test(text);
  return `${text[0]!.toUpperCase()}${text.slice(1)}${question ? "?" : "."}`;
}

/** The sentences of a style, in order. */
export function sentences(style: SentenceStyle = "plain"): string[] {
  return Array.from({ length: sentenceCount }, (_, index) => sentence(index, style));
}
