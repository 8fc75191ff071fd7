import { ProsoponError } from "@prosopon/errors";
import { phoneName } from "./phone.ts";

/** ARPAbet (with the TIMIT additions that speech synthesizers print) to the International Phonetic Alphabet, General American. */
export const arpabetIpa = {
  AA: "ɑ",
  AE: "æ",
  AH: "ʌ",
  AO: "ɔ",
  AW: "aʊ",
  AX: "ə",
  AXR: "ɚ",
  AY: "aɪ",
  B: "b",
  CH: "tʃ",
  D: "d",
  DH: "ð",
  DX: "ɾ",
  EH: "ɛ",
  EL: "əl",
  EM: "m",
  EN: "n̩",
  ER: "ɝ",
  EY: "eɪ",
  F: "f",
  G: "ɡ",
  HH: "h",
  HV: "h",
  IH: "ɪ",
  IX: "ᵻ",
  IY: "i",
  JH: "dʒ",
  K: "k",
  L: "l",
  M: "m",
  N: "n",
  NG: "ŋ",
  NX: "ɾ",
  OW: "oʊ",
  OY: "ɔɪ",
  P: "p",
  Q: "ʔ",
  R: "ɹ",
  S: "s",
  SH: "ʃ",
  T: "t",
  TH: "θ",
  UH: "ʊ",
  UW: "u",
  UX: "u",
  V: "v",
  W: "w",
  Y: "j",
  Z: "z",
  ZH: "ʒ",
  SIL: "",
} as const;

export type Arpabet = keyof typeof arpabetIpa;

/**
 * The ARPAbet symbol of a phone in any case, with or without stress.
 * @throws ProsoponError `bad-input` for a symbol that is none.
 */
export function arpabet(phone: string): Arpabet {
  const name = phoneName(phone);
  if (Object.hasOwn(arpabetIpa, name)) return name as Arpabet;
  throw new ProsoponError("bad-input", `Unknown phone ${JSON.stringify(phone)}.`, {
    values: { phone },
    mend: "Use ARPAbet, as in the CMU pronouncing dictionary, and SIL for silence.",
  });
}

/**
 * The IPA phone of an ARPAbet phone; "" for silence.
 * @throws ProsoponError `bad-input` for an unknown phone.
 */
export function arpabetToIpa(phone: string): string {
  return arpabetIpa[arpabet(phone)];
}
