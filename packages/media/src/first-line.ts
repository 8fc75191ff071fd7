/** The first line of what the decoder said: its texts run over several lines and repeat themselves. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0]!.trim();
}
