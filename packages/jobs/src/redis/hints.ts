import type { Redis } from "ioredis";

/** Messages that something changed. They may be lost: whoever listens looks by itself now and then, too. */
export interface Hints {
  /** @returns how to stop. Resolves when the subscription is in force. */
  listen(channel: string, hear: (what: string) => void): Promise<() => void>;
  close(): void;
}

/** One connection for all channels of this process. */
export function hints(redis: Redis, pollMilliseconds = 1000): Hints {
  const channels = new Map<string, Set<(what: string) => void>>();
  redis.on("message", (channel: string, what: string) => {
    for (const hear of [...(channels.get(channel) ?? [])]) hear(what);
  });
  const poll = setInterval(() => {
    for (const all of [...channels.values()]) for (const hear of [...all]) hear("poll");
  }, pollMilliseconds);
  poll.unref();
  return {
    async listen(channel, hear) {
      let all = channels.get(channel);
      if (!all) {
        all = new Set();
        channels.set(channel, all);
      }
      all.add(hear);
      await redis.subscribe(channel);
      return () => {
        const present = channels.get(channel);
        present?.delete(hear);
        if (present?.size !== 0) return;
        channels.delete(channel);
        redis.unsubscribe(channel).catch(() => {});
      };
    },
    close: () => clearInterval(poll),
  };
}
