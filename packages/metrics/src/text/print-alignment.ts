import type { AlignmentStep } from "./align-tokens.ts";

const marks = { equal: " ", substitution: "S", deletion: "D", insertion: "I" } as const;

/** Columns a token takes on a terminal of fixed width, near enough: its code points. */
const widthOf = (token: string) => Array.from(token).length;

/**
 * An alignment for people: reference above hypothesis, and below them S, D or I where they differ. A token that the other side lacks faces
 * asterisks. Lines break between columns at `width` characters.
 */
export function printAlignment(
  steps: readonly AlignmentStep[],
  { width = 100 }: { readonly width?: number } = {},
): string {
  const blocks: [string[], string[], string[]][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const { kind, reference, hypothesis } of steps) {
    const size = Math.max(widthOf(reference ?? ""), widthOf(hypothesis ?? ""), 1);
    if (used + size + 1 > width) {
      blocks.push([["REF:"], ["HYP:"], ["    "]].map((line) => [...line]) as [string[], string[], string[]]);
      used = 4;
    }
    const block = blocks.at(-1)!;
    [reference ?? "*".repeat(size), hypothesis ?? "*".repeat(size), marks[kind]].forEach((token, i) => {
      block[i]!.push(token + " ".repeat(size - widthOf(token)));
    });
    used += size + 1;
  }
  return blocks.map((block) => block.map((line) => line.join(" ").trimEnd()).join("\n")).join("\n\n");
}
