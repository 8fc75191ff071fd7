import { ProsoponError } from "@prosopon/errors";
import { normalizationNotes, normalizeText } from "./normalize-text.ts";
import type { Pronunciation } from "./pronunciation.ts";
import type { TextUnits } from "./text-units.ts";
import type { VisemeTable } from "./viseme-table.ts";

export interface VisemeUnitsOptions {
  readonly pronunciation: Pronunciation;
  readonly visemes: VisemeTable;
}

/** The visemes of each word, written together: words that look alike on the lips become the same token. */
function visemeWordsOf({ pronunciation, visemes }: VisemeUnitsOptions): (text: string) => readonly string[] {
  const known = new Map<string, string>();
  function shapes(word: string): string {
    const phones = pronunciation.phones(word);
    if (!phones)
      throw new ProsoponError("bad-input", `"${word}" has no pronunciation by ${pronunciation.name}.`, {
        values: { word },
        mend: "Write numbers out as words, or give a dictionary that knows it.",
      });
    const letters = phones.map((phone) => visemes.viseme(phone));
    const stray = phones[letters.indexOf(undefined)];
    if (stray !== undefined)
      throw new ProsoponError("bad-input", `The viseme table ${visemes.name} has no phone "${stray}".`, {
        values: { word, phone: stray },
      });
    return letters.join("");
  }
  return (text) =>
    normalizeText(text, "plain")
      .split(" ")
      .filter(Boolean)
      .map((word) => {
        const shape = known.get(word) ?? shapes(word);
        known.set(word, shape);
        return shape;
      });
}

const note = ({ pronunciation, visemes }: VisemeUnitsOptions) =>
  `${normalizationNotes.plain}, pronounced by ${pronunciation.name}, visemes by ${visemes.name}`;

/** Words as visemes, a token each: for the "WERV" of the thesis (5.2.5). */
export const visemeWords = (options: VisemeUnitsOptions): TextUnits => ({
  specification: "text-units/v1",
  name: "viseme-word",
  note: `words as strings of visemes, ${note(options)}`,
  tokens: visemeWordsOf(options),
});

/** The letters of the visemes, and the spaces between words: for the "CERV" of the thesis (5.2.5). */
export function visemeCharacters(options: VisemeUnitsOptions): TextUnits {
  const tokens = visemeWordsOf(options);
  return {
    specification: "text-units/v1",
    name: "viseme-character",
    note: `viseme letters, spaces between words counted, ${note(options)}`,
    tokens: (text) => Array.from(tokens(text).join(" ")),
  };
}
