import { arpabetToIpa } from "./arpabet.ts";

/** IPA phones by viseme: Amazon Polly's classes for US English, sequences with r and l as classes of their own. */
const classes = {
  p: "p b m",
  t: "t d n l ɾ n̩",
  S: "ʃ ʒ tʃ dʒ t͡ʃ d͡ʒ",
  T: "θ ð",
  f: "f v",
  k: "k g ɡ h ŋ",
  i: "i iː ɪ j iə ᵻ",
  r: "ɹ ɹ̩",
  s: "s z",
  u: "u uː ʊ w",
  "@": "ə ɚ",
  a: "a æ ɑ ɑː ɐ aɪ aʊ aɪə",
  e: "eɪ",
  E: "ɛ e ʌ ɝ ɜː",
  o: "oʊ",
  O: "ɔ ɔː o oː ɔɪ",
  er: "ɛɹ ʊɹ",
  Or: "ɔːɹ oːɹ",
  ar: "ɑːɹ",
  "@t": "əl",
  ir: "ɪɹ",
} as const;

/** A class of phones that look alike on the lips; "" where the lips show nothing (glottal stop, silence). */
export type VisemeClass = keyof typeof classes | "";

const table = new Map<string, VisemeClass>([
  ["ʔ", ""],
  ["", ""],
]);
for (const [viseme, phones] of Object.entries(classes)) {
  for (const phone of phones.split(" ")) table.set(phone, viseme as VisemeClass);
}

/** The viseme class of an IPA phone without stress marks; undefined for a phone that the table lacks. */
export function ipaToViseme(ipa: string): VisemeClass | undefined {
  return table.get(ipa);
}

/**
 * One viseme class for each ARPAbet phone, as lip-reading scores compare them (a diphthong is one class here, while the mouth
 * goes through two shapes, see `mouthTrack`).
 * @throws ProsoponError `bad-input` for an unknown phone.
 */
export function visemesOf(phones: readonly string[]): VisemeClass[] {
  return phones.map((phone) => table.get(arpabetToIpa(phone)) as VisemeClass);
}
