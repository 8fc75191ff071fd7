import type { Session } from "./session.ts";

/** Sessions that open when they are first asked for, and close together. */
export interface SessionPool<Key, One extends AsyncDisposable> extends AsyncDisposable {
  /** Opened once for each key; a failed opening is tried again. @throws what `open` throws. */
  get(key: Key, open: () => One | Promise<One>): Promise<One>;
}

export function sessionPool<Key, One extends AsyncDisposable = Session>(): SessionPool<Key, One> {
  const sessions = new Map<Key, Promise<One>>();
  return {
    get(key, open) {
      const found = sessions.get(key);
      if (found) return found;
      const opening = (async () => open())();
      sessions.set(key, opening);
      opening.catch(() => sessions.delete(key));
      return opening;
    },
    async [Symbol.asyncDispose]() {
      const all = [...sessions.values()];
      sessions.clear();
      const opened = await Promise.allSettled(all);
      await Promise.all(opened.map(async (one) => one.status === "fulfilled" && one.value[Symbol.asyncDispose]()));
    },
  };
}
