// Numbers of repeated measurements. A machine has phases, so contenders take turns and ratios are formed within a round.

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @param {readonly number[]} samples */
export const summary = (samples) => ({
  min: Math.min(...samples),
  median: median(samples),
  max: Math.max(...samples),
  samples,
});

/**
 * How many times as long `slow` takes as `fast`: the median over the rounds of the ratio of the two medians within a round.
 * @param {readonly (readonly number[])[]} slow @param {readonly (readonly number[])[]} fast
 */
export const pairedRatio = (slow, fast) => median(slow.map((turn, round) => median(turn) / median(fast[round])));
