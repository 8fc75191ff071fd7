/** Rows around one place, those beyond the ends replicated: [before + 1 + after] of them. */
export interface RowWindow {
  readonly index: number;
  readonly rows: readonly Float32Array[];
}

export interface SlidingWindowsOptions {
  readonly before: number;
  readonly after: number;
  /** First place that is wanted; earlier rows are only looked back at. Default 0. */
  readonly from?: number;
}

/**
 * Windows over rows that arrive one by one: place k is given as soon as row k + `after` is there, or the rows have ended. Holds no more
 * rows than a window.
 */
export async function* slidingWindows(
  rows: AsyncIterable<Float32Array> | Iterable<Float32Array>,
  { before, after, from = 0 }: SlidingWindowsOptions,
): AsyncGenerator<RowWindow, void, undefined> {
  const held: Float32Array[] = [];
  let first = 0;
  let count = 0;
  let place = from;
  const windowAt = (index: number): RowWindow => ({
    index,
    rows: Array.from({ length: before + 1 + after }, (_, i) => {
      const wanted = Math.min(Math.max(index - before + i, 0), count - 1);
      return held[wanted - first]!;
    }),
  });
  for await (const row of rows) {
    held.push(row);
    count++;
    // Row 0 stays for the windows at the start, which replicate it.
    while (held.length > 0 && first < place - before) {
      held.shift();
      first++;
    }
    if (count > place + after) yield windowAt(place++);
  }
  for (; place < count; place++) yield windowAt(place);
}
