/** Least and largest number, both finite. */
export type Range = readonly [least: number, most: number];

/** What goes into an operator, and what comes out of it where that is rounded too. */
export interface ActivationRange {
  readonly input: Range;
  readonly output?: Range;
}

/** The ranges of a network's activations by the name of the operator's weights, so that they hold for every batch and size of pictures. */
export type ActivationRanges = Readonly<Record<string, ActivationRange>>;

const widest = ([a, b]: Range, [c, d]: Range): Range => [Math.min(a, c), Math.max(b, d)];

/** The smallest ranges that hold both. */
export function joinRanges(one: ActivationRanges, other: ActivationRanges): ActivationRanges {
  const joined: Record<string, ActivationRange> = { ...one };
  for (const [name, range] of Object.entries(other)) {
    const known = joined[name];
    joined[name] = known
      ? {
          input: widest(known.input, range.input),
          ...(known.output && range.output ? { output: widest(known.output, range.output) } : {}),
        }
      : range;
  }
  return joined;
}
