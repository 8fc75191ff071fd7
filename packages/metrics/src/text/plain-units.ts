import { type Normalization, normalizationNotes, normalizeText } from "./normalize-text.ts";
import type { TextUnits } from "./text-units.ts";

export interface PlainUnitsOptions {
  /** Default `none`, as jiwer. */
  readonly normalization?: Normalization;
}

/** Words: what white space separates. */
export const words = ({ normalization = "none" }: PlainUnitsOptions = {}): TextUnits => ({
  specification: "text-units/v1",
  name: "word",
  note: `words between white space, ${normalizationNotes[normalization]}`,
  tokens: (text) => normalizeText(text, normalization).split(/\s+/u).filter(Boolean),
});

/** Characters: Unicode code points, the spaces between words among them. */
export const characters = ({ normalization = "none" }: PlainUnitsOptions = {}): TextUnits => ({
  specification: "text-units/v1",
  name: "character",
  note: `code points, spaces between words counted, ${normalizationNotes[normalization]}`,
  tokens: (text) => Array.from(normalizeText(text, normalization)),
});
