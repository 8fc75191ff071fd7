import { ProsoponError } from "@prosopon/errors";

/** Numbers in short. */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  /** Of the population: divided by the count. NaN when one of the numbers is infinite. */
  readonly standardDeviation: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** @throws `bad-input` for no numbers: a mean of nothing must not end up in a table. */
export function summary(name: string, values: readonly number[]): Summary {
  const count = values.length;
  if (count === 0)
    throw new ProsoponError("bad-input", `"${name}" has no samples, so it has no result.`, {
      values: { name },
      mend: "Add at least one sample.",
    });
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  const ordered = values.toSorted((a, b) => a - b);
  return {
    count,
    mean,
    standardDeviation: Math.sqrt(variance),
    minimum: ordered[0]!,
    maximum: ordered[count - 1]!,
  };
}
