import { ProsoponError } from "@prosopon/errors";
import type { Pronunciation } from "./pronunciation.ts";

export interface CmuDictionaryOptions {
  /** For protocol lines; default "CMU dictionary". Name the file or its hash. */
  readonly name?: string;
}

/**
 * Reads the text of a pronunciation dictionary in the format of CMUdict and of PocketSphinx: `WORD  PH ON EZ` a line, ARPAbet with or without
 * stress digits, `WORD(2)` for another pronunciation, `;;;` or `#` for comments. The first pronunciation of a word counts.
 * @throws `bad-file` for a line that is no entry and for text without any.
 */
export function cmuDictionary(text: string, { name = "CMU dictionary" }: CmuDictionaryOptions = {}): Pronunciation {
  const entries = new Map<string, readonly string[]>();
  text.split(/\r?\n/).forEach((line, index) => {
    const content = line.replace(/;;;.*|\s#.*|^#.*/, "").trim();
    if (content === "") return;
    const [head, ...phones] = content.split(/\s+/);
    const bare = phones.map((phone) => phone.replace(/[0-2]$/, ""));
    if (bare.length === 0 || !bare.every((phone) => /^[A-Z]{1,2}$/.test(phone)))
      throw new ProsoponError("bad-file", `Line ${index + 1} of the ${name} is no entry: "${content.slice(0, 60)}".`, {
        values: { line: index + 1 },
        mend: "Give a file of lines such as HELLO  HH AH L OW.",
      });
    const word = head!.replace(/\(\d+\)$/, "").toLowerCase();
    if (!entries.has(word)) entries.set(word, bare);
  });
  if (entries.size === 0) throw new ProsoponError("bad-file", `The ${name} holds no entries.`);
  return {
    specification: "pronunciation/v1",
    name: `${name} (${entries.size} words)`,
    phones: (word) => entries.get(word),
  };
}
