/**
 * `none`: as written. `plain`: Unicode NFKC, lower case, typographic apostrophes made straight, every character that is neither letter, mark,
 * digit nor an apostrophe inside a word replaced by a space, runs of white space made one space.
 */
export type Normalization = "none" | "plain";

export const normalizationNotes: Readonly<Record<Normalization, string>> = {
  none: "text as written, ends trimmed",
  plain: "text in lower case without punctuation (apostrophes inside words stay)",
};

export function normalizeText(text: string, normalization: Normalization): string {
  if (normalization === "none") return text.trim();
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[’ʼ‘]/gu, "'")
    .replace(/[^\p{L}\p{M}\p{N}']/gu, " ")
    .replace(/(?<![\p{L}\p{M}\p{N}])'+|'+(?![\p{L}\p{M}\p{N}])/gu, " ")
    .replace(/\s+/gu, " ")
    .trim();
}
