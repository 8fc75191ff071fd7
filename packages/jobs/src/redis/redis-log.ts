import type { Redis } from "ioredis";
import type { Cursor } from "../cursor.ts";
import type { Frame, FrameEvent } from "../frame-event.ts";
import type { AppendResult, FrameLog, Retention } from "../frame-log.ts";
import { nextEvent } from "../stream/next-event.ts";
import { pulled } from "../stream/pulled.ts";
import { missingFrames, unknownJob } from "../unknown-job.ts";
import * as ends from "./engine-scripts.ts";
import type { Keys } from "./keys.ts";
import * as scripts from "./log-scripts.ts";
import { lookJob } from "./look-job.ts";
import { readFrames } from "./read-frame.ts";
import { list, type Reply, word } from "./script.ts";
import type { Tail, Tails } from "./tail.ts";

export interface RedisLogOptions {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly tails: Tails;
  readonly retention: Required<Retention>;
  readonly recordMilliseconds: number;
}

/** Frames that a late reader fetches at a time. */
const batch = 32;

/** A frame log in Redis Streams. */
export function redisLog({ redis, keys, tails, retention, recordMilliseconds }: RedisLogOptions): FrameLog {
  function answer<Answer extends string>(id: string, seq: number, reply: Reply): Answer {
    if (typeof reply === "number") throw missingFrames(id, seq, reply);
    const text = word(reply);
    if (text === "unknown") throw unknownJob(id);
    return text as Answer;
  }

  return {
    async start(id, fence) {
      const reply = await scripts.start(
        redis,
        [keys.meta(id), keys.log(id), keys.checkpoint(id)],
        [fence, keys.hint(id)],
      );
      if (!Array.isArray(reply)) return answer<"fenced" | "cancelled">(id, 0, reply);
      const [epoch, lastSeq, seq, state] = reply as readonly Reply[];
      const place = { epoch: Number(word(epoch)), lastSeq: Number(word(lastSeq)) };
      if (!Buffer.isBuffer(state)) return place;
      return { ...place, checkpoint: { epoch: place.epoch, seq: Number(word(seq)), state: new Uint8Array(state) } };
    },
    async append(id, fence, seq, { bytes, mime, pts, duration, width, height }) {
      const facts = [mime, pts, duration, width, height, bytes];
      const limits = [retention.frames, retention.bytes, keys.hint(id)];
      const reply = await scripts.append(redis, [keys.meta(id), keys.log(id)], [fence, seq, ...limits, ...facts]);
      return answer<AppendResult>(id, seq, reply);
    },
    async checkpoint(id, fence, seq, state) {
      const reply = await scripts.checkpoint(redis, [keys.meta(id), keys.checkpoint(id)], [fence, seq, state]);
      return answer<"ok" | "fenced" | "cancelled">(id, seq, reply);
    },
    async latest(id) {
      const reply = await scripts.latest(redis, [keys.meta(id), keys.checkpoint(id)], []);
      if (!Array.isArray(reply)) throw unknownJob(id);
      const [epoch, seq, state] = reply as readonly Reply[];
      if (!Buffer.isBuffer(state)) return undefined;
      return { epoch: Number(word(epoch)), seq: Number(word(seq)), state: new Uint8Array(state) };
    },
    async end(id, fence, { reason, artifact, error }) {
      const times = [Date.now(), retention.afterEndMilliseconds, recordMilliseconds];
      const facts = [artifact, error].map((one) => (one ? JSON.stringify(one) : ""));
      const reply = await ends.end(redis, [], [keys.prefix, id, ...times, fence, reason, ...facts]);
      return answer<"ok" | "fenced">(id, 0, reply);
    },
    read(id, { after, delivery = "reliable", lag = 5, signal } = {}) {
      let tail: Tail;
      let close = (): void => {};
      let cursor: Cursor;
      let ended = false;
      // Frames that were fetched for this reader alone, in order.
      let fetched: readonly Frame[] = [];

      async function frame(epoch: number, seq: number): Promise<Frame | undefined> {
        const fits = ({ cursor: at }: Frame): boolean => at.epoch === epoch && at.seq === seq;
        const known = tail.recent(epoch, seq) ?? fetched.find(fits);
        if (known) return known;
        const entries = await redis.xrangeBuffer(keys.log(id), `${epoch}-${seq}`, `${epoch}-${seq + batch - 1}`);
        fetched = readFrames(entries as unknown as Reply);
        return fetched.find(fits);
      }

      return pulled<FrameEvent>({
        signal,
        async open() {
          const opened = await tails.open(id, true);
          if (!opened.tail.stream) {
            opened.close();
            throw unknownJob(id);
          }
          ({ tail, close } = opened);
          cursor = after ?? { epoch: opened.tail.stream.epoch, seq: 0 };
          return tail.bell;
        },
        async take() {
          for (let tries = 0; ; tries++) {
            const { stream } = tail;
            if (ended || !stream) return "done";
            const next = nextEvent(stream, cursor, delivery === "live" ? lag : undefined);
            if (next === undefined) return undefined;
            if (typeof next !== "number") {
              ended = next.event === "end";
              cursor = next.cursor;
              return next;
            }
            const found = await frame(stream.epoch, next);
            if (found) {
              cursor = found.cursor;
              return found;
            }
            // Retention or a new epoch came between: the view is old.
            if (tries > 10) throw missingFrames(id, next, stream.lastSeq);
            await tail.refresh();
          }
        },
        close: () => close(),
      });
    },
    async head(id) {
      const { stream } = await lookJob(redis, keys, id);
      if (!stream) throw unknownJob(id);
      return stream.end?.cursor ?? { epoch: stream.epoch, seq: stream.lastSeq };
    },
    async purge(id) {
      const reply = await scripts.purge(redis, [keys.meta(id), keys.log(id), keys.checkpoint(id)], [keys.hint(id)]);
      if (list(reply).length === 0 && word(reply) === "unknown") throw unknownJob(id);
    },
  };
}
