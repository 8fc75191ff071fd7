import { arpabetToIpa, ipaToViseme } from "@prosopon/corpus";

/** Which phones look alike on the lips: a plugin. */
export interface VisemeTable {
  readonly specification: "viseme-table/v1";
  readonly name: string;
  /** The viseme's letters of a phone, "" for one that the lips do not show; undefined for a phone that it does not know. */
  viseme(phone: string): string | undefined;
}

/** The table of the corpus, the same that moves the mouths of its portraits. Knows IPA, and ARPAbet in capitals. */
export const corpusVisemes: VisemeTable = {
  specification: "viseme-table/v1",
  name: "the corpus table of 21 classes",
  viseme: (phone) => ipaToViseme(/^[A-Z]{1,3}$/.test(phone) ? arpabetToIpa(phone) : phone),
};
