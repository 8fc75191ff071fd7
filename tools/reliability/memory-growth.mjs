/** The middle of some numbers. */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/**
 * By how many bytes a process grew: the middle of its last fifth of samples less that of its second fifth. The first fifth is for allocators and
 * caches, which fill.
 */
export function memoryGrowth(samples) {
  const fifth = Math.floor(samples.length / 5);
  if (fifth < 1) throw new Error(`${samples.length} samples tell nothing.`);
  return median(samples.slice(-fifth)) - median(samples.slice(fifth, 2 * fifth));
}
