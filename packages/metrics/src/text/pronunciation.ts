/** Says how words are pronounced: a plugin (grapheme to phoneme). */
export interface Pronunciation {
  readonly specification: "pronunciation/v1";
  readonly name: string;
  /** ARPAbet phones without stress, such as `["HH", "AH", "L", "OW"]`, or IPA phones; undefined for a word that it does not know. The word is in lower case. */
  phones(word: string): readonly string[] | undefined;
}

/** Asks one after the other; the first that knows the word is believed. */
export const firstPronunciation = (...sources: readonly Pronunciation[]): Pronunciation => ({
  specification: "pronunciation/v1",
  name: sources.map(({ name }) => name).join(", else "),
  phones(word) {
    for (const source of sources) {
      const found = source.phones(word);
      if (found) return found;
    }
    return undefined;
  },
});
