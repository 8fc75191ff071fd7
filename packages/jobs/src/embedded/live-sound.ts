import type { FeedResult } from "../job-engine.ts";
import { bell } from "../stream/bell.ts";
import { pulled } from "../stream/pulled.ts";

/** Sound on its way to a worker. */
export interface LiveSound {
  feed(chunk: Float32Array | "end"): FeedResult;
  /** From the oldest chunk kept. */
  listen(): AsyncIterableIterator<Float32Array>;
  close(): void;
}

/** Keeps the newest `samples` samples for a worker that begins again, and takes no more than that unheard. */
export function liveSound(samples: number): LiveSound {
  const changes = bell();
  const chunks: { readonly at: number; readonly chunk: Float32Array }[] = [];
  let fed = 0;
  let heard = 0;
  let closed = false;
  const close = (): void => {
    closed = true;
    changes.ring();
  };
  return {
    feed(chunk) {
      if (closed) return "closed";
      if (chunk === "end") {
        close();
        return "ok";
      }
      if (fed - heard + chunk.length > samples) return "full";
      chunks.push({ at: fed, chunk: chunk.slice() });
      fed += chunk.length;
      while (chunks[0] && chunks[0].at + chunks[0].chunk.length <= fed - samples) chunks.shift();
      changes.ring();
      return "ok";
    },
    listen() {
      let position = -1;
      return pulled({
        open: () => changes,
        take: () => {
          const next = chunks.find(({ at }) => at > position);
          if (!next) return closed ? "done" : undefined;
          position = next.at;
          heard = Math.max(heard, next.at + next.chunk.length);
          return next.chunk.slice();
        },
      });
    },
    close,
  };
}
