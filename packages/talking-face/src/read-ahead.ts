/**
 * The items of `source`, asked for `count` items before they are wanted: while one is used, the next is made. A failure comes where its item
 * would have; leaving early ends the source as soon as its running item is there.
 */
export async function* readAhead<T>(source: AsyncIterable<T>, count = 1): AsyncGenerator<T, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  const asked: Promise<IteratorResult<T>>[] = [];
  try {
    for (;;) {
      while (asked.length <= count) {
        const next = iterator.next();
        // Seen when its turn comes; until then it is no unhandled rejection.
        next.catch(() => {});
        asked.push(next);
      }
      const { done, value } = await asked.shift()!;
      if (done) return;
      yield value;
    }
  } finally {
    // Not awaited: a source that waits for speech would hold the consumer up.
    iterator.return?.().then(undefined, () => {});
  }
}
