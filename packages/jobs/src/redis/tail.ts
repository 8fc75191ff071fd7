import type { Redis } from "ioredis";
import type { Frame } from "../frame-event.ts";
import type { Job } from "../job.ts";
import { type Bell, bell } from "../stream/bell.ts";
import type { StreamView } from "../stream/next-event.ts";
import type { Hints } from "./hints.ts";
import type { Keys } from "./keys.ts";
import { lookJob } from "./look-job.ts";
import { readFrames } from "./read-frame.ts";

/** What this process knows of one job, kept up to date for all its readers by one reading of the log. */
export interface Tail {
  readonly bell: Bell;
  /** Undefined when there is no such job, or no longer. */
  readonly job: Job | undefined;
  readonly stream: StreamView | undefined;
  /** A frame that came lately. */
  recent(epoch: number, seq: number): Frame | undefined;
  /** Looks now. */
  refresh(): Promise<void>;
}

export interface Tails {
  /** Must be given back with `close`. @param frames Whether frames are read, or the job only. */
  open(id: string, frames: boolean): Promise<{ readonly tail: Tail; close(): void }>;
}

interface Kept {
  readonly opened: Promise<Tail>;
  readers: number;
  stop: (() => void) | undefined;
  frames: number;
}

const most = { frames: 256, bytes: 8 * 2 ** 20 };

export function tails({
  redis,
  keys,
  hints,
}: {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly hints: Hints;
}): Tails {
  const open = new Map<string, Kept>();

  async function begin(id: string, kept: Kept): Promise<Tail> {
    const changes = bell();
    const recent = new Map<string, Frame>();
    let bytes = 0;
    let job: Job | undefined;
    let stream: StreamView | undefined;
    let last = "";
    let looking: Promise<void> | undefined;
    let again = false;

    async function look(): Promise<void> {
      do {
        again = false;
        const from = kept.frames > 0 ? last : "";
        const found = await lookJob(redis, keys, id, from, 100);
        job = found.job;
        stream = found.stream;
        const fresh = readFrames(found.entries);
        for (const frame of fresh) keep(frame);
        // What was there before the first reader is read by those who want it.
        if (last === "" && stream && kept.frames > 0) last = `${stream.epoch}-${stream.lastSeq}`;
        const newest = fresh.at(-1)?.cursor;
        if (newest) last = `${newest.epoch}-${newest.seq}`;
        if (fresh.length === 100) again = true;
        changes.ring();
      } while (again);
    }

    function keep(frame: Frame): void {
      recent.set(`${frame.cursor.epoch}-${frame.cursor.seq}`, frame);
      bytes += frame.bytes.length;
      for (const [key, old] of recent) {
        if (recent.size <= most.frames && bytes <= most.bytes) break;
        recent.delete(key);
        bytes -= old.bytes.length;
      }
    }

    function refresh(): Promise<void> {
      if (looking) {
        again = true;
        return looking;
      }
      looking = look().finally(() => {
        looking = undefined;
      });
      return looking;
    }

    // A connection that is down for now: the next hint or the next poll looks again.
    kept.stop = await hints.listen(keys.hint(id), () => void refresh().catch(() => {}));
    await refresh();
    return {
      bell: changes,
      get job() {
        return job;
      },
      get stream() {
        return stream;
      },
      recent: (epoch, seq) => recent.get(`${epoch}-${seq}`),
      refresh,
    };
  }

  return {
    async open(id, frames) {
      let kept = open.get(id);
      if (!kept) {
        const made: { -readonly [Key in keyof Kept]?: Kept[Key] } = {
          readers: 0,
          frames: frames ? 1 : 0,
          stop: undefined,
        };
        const fresh = made as Kept;
        open.set(id, fresh);
        made.opened = begin(id, fresh);
        kept = fresh;
      } else if (frames) kept.frames++;
      kept.readers++;
      const mine = kept;
      let closed = false;
      const close = (): void => {
        if (closed) return;
        closed = true;
        if (frames) mine.frames--;
        if (--mine.readers > 0) return;
        open.delete(id);
        mine.opened.then(
          () => mine.stop?.(),
          () => mine.stop?.(),
        );
      };
      try {
        return { tail: await mine.opened, close };
      } catch (error) {
        close();
        throw error;
      }
    },
  };
}
