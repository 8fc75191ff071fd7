/**
 * Something that is opened once for each device, when it is first wanted, and closed with the rest. It outlives the run that opened it, so
 * its signal is that of closing.
 */
export function oncePerDevice<Device extends string, T extends AsyncDisposable>(
  open: (device: Device, signal: AbortSignal) => Promise<T>,
): { open(device: Device): Promise<T>; close(): Promise<void> } {
  const opened = new Map<Device, Promise<T>>();
  const closing = new AbortController();
  return {
    open(device) {
      const found = opened.get(device);
      if (found) return found;
      const opening = open(device, closing.signal);
      opened.set(device, opening);
      // A failed opening is tried again.
      opening.catch(() => opened.delete(device));
      return opening;
    },
    async close() {
      closing.abort();
      const all = [...opened.values()];
      opened.clear();
      for (const one of await Promise.allSettled(all))
        if (one.status === "fulfilled") await one.value[Symbol.asyncDispose]();
    },
  };
}
