import { type AlignmentStep, alignTokens } from "./align-tokens.ts";

/** What an alignment of one or many texts counts. All numbers of tokens. */
export interface ErrorCounts {
  readonly hits: number;
  readonly substitutions: number;
  readonly deletions: number;
  readonly insertions: number;
}

/** The counts of a list of alignments. */
export function countErrors(alignments: readonly (readonly AlignmentStep[])[]): ErrorCounts {
  const tally = { equal: 0, substitution: 0, deletion: 0, insertion: 0 };
  for (const steps of alignments) for (const { kind } of steps) tally[kind]++;
  return {
    hits: tally.equal,
    substitutions: tally.substitution,
    deletions: tally.deletion,
    insertions: tally.insertion,
  };
}

export interface ErrorRates {
  /** (S + D + I) / N, N the tokens of the reference. Above 1 when much was added. Of an empty reference: the number of insertions. */
  readonly rate: number;
  /** Match error rate (Morris et al. 2004): (S + D + I) / (H + S + D + I); 0 for two empty texts. */
  readonly matchErrorRate: number;
  /** Information lost (Morris et al. 2004): 1 - H/N · H/M, M the tokens of the hypothesis; 0 for two empty texts, 1 when one is empty. */
  readonly informationLost: number;
}

/** The rates of jiwer, with its values for empty texts. */
export function errorRates({ hits, substitutions, deletions, insertions }: ErrorCounts): ErrorRates {
  const errors = substitutions + deletions + insertions;
  const N = hits + substitutions + deletions;
  const M = hits + substitutions + insertions;
  return {
    rate: N === 0 ? insertions : errors / N,
    matchErrorRate: hits + errors === 0 ? 0 : errors / (hits + errors),
    informationLost: N === 0 && M === 0 ? 0 : N === 0 || M === 0 ? 1 : 1 - (hits / N) * (hits / M),
  };
}

/** Counts, rates and alignment of one pair of token lists. */
export function tokenErrors(
  reference: readonly string[],
  hypothesis: readonly string[],
): ErrorCounts & ErrorRates & { readonly alignment: readonly AlignmentStep[] } {
  const alignment = alignTokens(reference, hypothesis);
  const counts = countErrors([alignment]);
  return { ...counts, ...errorRates(counts), alignment };
}
