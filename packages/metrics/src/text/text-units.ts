/** How text falls into tokens: a plugin. */
export interface TextUnits {
  readonly specification: "text-units/v1";
  /** Lower case with hyphens; the metric is named after it. */
  readonly name: string;
  /** What a token is and how the text is prepared, for protocol lines. */
  readonly note: string;
  /** @throws `bad-input` for text that has no such tokens, such as a word nobody can pronounce. */
  tokens(text: string): readonly string[];
}
