/** One phone of an utterance: ARPAbet without stress, in capitals; "SIL" for silence. Times in seconds. */
export interface Phone {
  readonly phone: string;
  readonly start: number;
  readonly end: number;
}

/** The name under which a phone is looked up: capitals, stress digits and alternative marks dropped; all silences are "SIL". */
export function phoneName(phone: string): string {
  const name = phone
    .trim()
    .toUpperCase()
    .replace(/[0-2]$/, "");
  return ["", "PAU", "SIL", "SP", "SPN", "H#", "<SIL>", "BRTH"].includes(name) ? "SIL" : name;
}
