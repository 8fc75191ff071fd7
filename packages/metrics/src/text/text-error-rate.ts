import { ProsoponError } from "@prosopon/errors";
import type { Metric } from "../metric.ts";
import { alignTokens } from "./align-tokens.ts";
import { countErrors, type ErrorCounts, type ErrorRates, errorRates } from "./count-errors.ts";
import type { TextUnits } from "./text-units.ts";

export interface TextPair {
  /** What was said. */
  readonly reference: string;
  /** What was understood. */
  readonly hypothesis: string;
}

export interface TextErrorRate extends ErrorCounts, ErrorRates {
  /** Number of pairs. */
  readonly count: number;
  /** Mean of the pairs' own rates, each weighing the same: what the thesis reports (times 100). `rate` weighs every token the same. */
  readonly meanRate: number;
}

/**
 * How much of a text was not understood: word error rate with `words()`, character error rate with `characters()`, their viseme forms with
 * `visemeWords` and `visemeCharacters`. `rate` is over all pairs together, as jiwer's of lists.
 */
export const textErrorRate = (units: TextUnits): Metric<TextPair, TextErrorRate> => ({
  specification: "metric/v1",
  name: `${units.name}-error-rate`,
  protocol: `Levenshtein distance over reference length in ${units.note}; over all pairs together, and as the mean of pairs.`,
  start() {
    const counts: ErrorCounts[] = [];
    return {
      add({ reference, hypothesis }) {
        if (typeof reference !== "string" || typeof hypothesis !== "string")
          throw new ProsoponError("bad-input", "Reference and hypothesis are not both text.", {
            values: { reference: typeof reference, hypothesis: typeof hypothesis },
          });
        counts.push(countErrors([alignTokens(units.tokens(reference), units.tokens(hypothesis))]));
      },
      result() {
        if (counts.length === 0)
          throw new ProsoponError("bad-input", `"${units.name}-error-rate" has no samples, so it has no result.`, {
            mend: "Add at least one sample.",
          });
        const all = { hits: 0, substitutions: 0, deletions: 0, insertions: 0 };
        for (const one of counts) for (const key of Object.keys(all) as (keyof ErrorCounts)[]) all[key] += one[key];
        const meanRate = counts.reduce((sum, one) => sum + errorRates(one).rate, 0) / counts.length;
        return { count: counts.length, ...all, ...errorRates(all), meanRate };
      },
    };
  },
});
