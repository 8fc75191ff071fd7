import { createHash } from "node:crypto";
import { ProsoponError } from "@prosopon/errors";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { checkChunk, checkSpecification, keyConflict } from "../check-specification.ts";
import { liveRate, retentionWithDefaults, retryHint, unheardMilliseconds, withDefaults } from "../defaults.ts";
import { fits } from "../fits.ts";
import type { FrameLog, Retention } from "../frame-log.ts";
import { isEnded, type Job } from "../job.ts";
import type { Capabilities, EngineLimits, FeedResult, JobEngine } from "../job-engine.ts";
import { queueFull } from "../retry-after.ts";
import { pulled } from "../stream/pulled.ts";
import { unknownJob } from "../unknown-job.ts";
import * as scripts from "./engine-scripts.ts";
import { hints as hintsOf } from "./hints.ts";
import { redisKeys } from "./keys.ts";
import { lookJob } from "./look-job.ts";
import { redisLog } from "./redis-log.ts";
import { soundBytes } from "./redis-sound.ts";
import { type LockTimes, type QueueKind, type RedisWork, redisWork } from "./redis-work.ts";
import { refusedWrite } from "./refused-write.ts";
import { list, word } from "./script.ts";
import { type Tail, tails as tailsOf } from "./tail.ts";

export interface RedisOptions extends LockTimes {
  /** redis:// or rediss://, with user and password where there are any. One primary, not a cluster; its memory policy must be `noeviction`. */
  readonly url: string;
  /** Before every key; default "prosopon". */
  readonly prefix?: string;
  readonly limits?: EngineLimits;
  readonly retention?: Retention;
  /** Told of lost connections; they are made again. */
  readonly onError?: (error: Error) => void;
}

export interface RedisJobs extends AsyncDisposable {
  readonly engine: JobEngine;
  readonly log: FrameLog;
}

/**
 * Jobs and frames in Redis (6.2 and later) or Valkey, for gateways and workers on many hosts. BullMQ keeps queues and locks; streams keep frames.
 * While Redis is away calls wait for it; `check` tells. Limits and retention should be the same in all processes.
 */
export function redisJobs(options: RedisOptions): RedisJobs {
  const { url, prefix = "prosopon", lockMilliseconds = 10_000, checkMilliseconds = 5000, onError = () => {} } = options;
  const limits = withDefaults(options.limits);
  const retention = retentionWithDefaults(options.retention);
  const keys = redisKeys(prefix);
  const connect = (): Redis => {
    const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: (times) => Math.min(1000, 50 * times) });
    redis.on("error", onError);
    return redis;
  };
  const redis = connect();
  // The first connection is waited for; one that was lost is told at once.
  let met = false;
  redis.once("ready", () => {
    met = true;
  });
  const listener = connect();
  const connection = connect();
  const hints = hintsOf(listener);
  const tails = tailsOf({ redis, keys, hints });
  const log = redisLog({ redis, keys, tails, retention, recordMilliseconds: limits.recordMilliseconds });
  const queues = new Map<string, Queue>();
  const works = new Set<RedisWork>();
  const head = (id: string) => [prefix, id, Date.now(), retention.afterEndMilliseconds, limits.recordMilliseconds];

  function queue(name: string): Queue {
    let found = queues.get(name);
    if (!found) {
      found = new Queue(name, { connection, prefix });
      found.on("error", onError);
      queues.set(name, found);
    }
    return found;
  }

  async function enqueue(id: string, name: string, priority: number): Promise<void> {
    // 1 goes first there.
    const opts = { jobId: id, priority: 10 - priority, removeOnComplete: true, removeOnFail: true };
    await queue(name).add("job", {}, opts);
    await scripts.enqueued(redis, [], head(id));
    await redis.publish(keys.wake, "w");
  }

  /** Ends what waited too long, and puts into its queue what a submitter that died had not. */
  async function sweep(): Promise<void> {
    const waiting = await redis.zrangebyscore(keys.waiting, "-inf", Date.now(), "LIMIT", 0, 100);
    const old = await redis.zrange(keys.waiting, "0", "19");
    for (const id of new Set([...waiting, ...old])) {
      if ((await scripts.expire(redis, [], head(id))) !== 1) continue;
      const [name, priority, enqueued] = await redis.hmget(keys.meta(id), "queue", "priority", "enqueued");
      // Nothing if its submitter is only slow, and does it too.
      if (name && !enqueued) await enqueue(id, name, Number(priority));
    }
    const unheard = await redis.zrangebyscore(
      keys.cancelling,
      "-inf",
      Date.now() - unheardMilliseconds,
      "LIMIT",
      0,
      100,
    );
    for (const id of unheard) await scripts.settle(redis, [], head(id));
  }
  let sweepNow = true;
  const sweeping = setInterval(
    () => {
      // One at a time: they would pile up while Redis is away.
      if (!sweepNow) return;
      sweepNow = false;
      void sweep()
        .catch(onError)
        .finally(() => {
          sweepNow = true;
        });
    },
    Math.min(1000, limits.queueMilliseconds),
  );
  sweeping.unref();

  const plain: JobEngine = {
    async submit(specification, submitOptions = {}) {
      const text = checkSpecification(specification, submitOptions);
      const { idempotencyKey = "", priority = 5, trace } = submitOptions;
      const { application, tenant, needs } = specification;
      const kind: QueueKind = { application, ...(needs && { needs }) };
      const kindText = JSON.stringify(kind);
      const name = `${application}-${createHash("sha1").update(kindText).digest("hex").slice(0, 12)}`;
      await redis.hset(keys.queues, name, kindText);
      const id = crypto.randomUUID();
      const deadline = Date.now() + limits.queueMilliseconds;
      const reply = await scripts.submit(
        redis,
        [],
        [
          ...head(id),
          tenant,
          idempotencyKey,
          text,
          priority,
          name,
          deadline,
          limits.queuedPerTenant,
          limits.openPerTenant,
          trace ? JSON.stringify(trace) : "",
        ],
      );
      const [word0, other, all] = Array.isArray(reply) ? list(reply) : [reply];
      if (word(word0) === "conflict") throw keyConflict(idempotencyKey, word(other));
      if (word(word0) === "full") throw queueFull(tenant, Number(all), retryHint(Number(other)));
      if (word(word0) === "same") return (await plain.get(word(other))) as Job;
      await enqueue(id, name, priority);
      return (await plain.get(id)) as Job;
    },
    get: async (id) => (await lookJob(redis, keys, id)).job,
    async list({ tenant, first = 20, after }) {
      const count = Math.min(100, first);
      const rank = after === undefined ? -1 : ((await redis.zrevrank(keys.all(tenant), after)) ?? -1);
      const jobs: Job[] = [];
      for (let from = rank + 1; jobs.length < count; ) {
        const ids = await redis.zrevrange(keys.all(tenant), from, from + count - 1);
        if (ids.length === 0) break;
        const found = await Promise.all(ids.map((id) => plain.get(id)));
        const expired = ids.filter((_, i) => !found[i]);
        if (expired.length > 0) await redis.zrem(keys.all(tenant), ...expired);
        jobs.push(...found.filter((job) => job !== undefined));
        from += ids.length - expired.length;
      }
      return jobs.slice(0, count);
    },
    async cancel(id) {
      if ((await scripts.cancel(redis, [], head(id))) !== 1) throw unknownJob(id);
      const job = await plain.get(id);
      if (!job) throw unknownJob(id);
      return job;
    },
    watch(id, { signal } = {}) {
      let tail: Tail;
      let close = (): void => {};
      let given: string | undefined;
      let last = false;
      return pulled<Job>({
        signal,
        async open() {
          const opened = await tails.open(id, false);
          if (!opened.tail.job) {
            opened.close();
            throw unknownJob(id);
          }
          ({ tail, close } = opened);
          return tail.bell;
        },
        take() {
          const { job } = tail;
          if (last || !job) return "done";
          // Frames ring too; who watches a job is told when more than their number changed.
          const text = JSON.stringify({ ...job, lastSeq: 0 });
          if (text === given) return undefined;
          given = text;
          last = isEnded(job.state);
          return job;
        },
        close: () => close(),
      });
    },
    async remove(id) {
      await scripts.cancel(redis, [], head(id));
      await scripts.remove(redis, [], head(id));
    },
    async feed(id, chunk) {
      checkChunk(chunk);
      const most = limits.liveSeconds * liveRate;
      const reply = word(await scripts.feed(redis, [], [...head(id), most, chunk === "end" ? "" : soundBytes(chunk)]));
      if (reply === "unknown") throw unknownJob(id);
      return reply as FeedResult;
    },
    async work(workOptions) {
      const locks = { lockMilliseconds, checkMilliseconds };
      const work = await redisWork(workOptions, { redis, keys, hints, limits, locks, head, connection });
      works.add(work);
      return async () => {
        await work.stop();
        works.delete(work);
      };
    },
    async queued(capabilities?: Capabilities) {
      let sum = 0;
      for (const [name, text] of Object.entries(await redis.hgetall(keys.queues))) {
        const { application, needs } = JSON.parse(text) as QueueKind;
        if (!capabilities || fits(application, needs, capabilities))
          sum += await queue(name).getJobCountByTypes("wait", "prioritized", "delayed");
      }
      return sum;
    },
    async check() {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<never>((_, reject) => {
        const milliseconds = met ? 1000 : 5000;
        timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
      });
      try {
        if (met && redis.status !== "ready") throw new Error(`the connection is ${redis.status}`);
        // A write: a full disk refuses it where a ping is answered.
        await Promise.race([redis.set(`${prefix}:check`, "1", "PX", 1000), late]);
      } catch (cause) {
        throw new ProsoponError("unavailable", "Redis takes no writes.", {
          cause,
          mend: "See to its process, disk and memory.",
        });
      } finally {
        clearTimeout(timer);
      }
    },
    async [Symbol.asyncDispose]() {
      clearInterval(sweeping);
      await Promise.all([...works].map((work) => work.abandon()));
      hints.close();
      await Promise.all([...queues.values()].map((one) => one.close().catch(onError)));
      for (const one of [redis, listener, connection]) one.disconnect();
    },
  };
  const engine: JobEngine = {
    ...plain,
    submit: (...all) => plain.submit(...all).catch(refusedWrite),
    cancel: (id) => plain.cancel(id).catch(refusedWrite),
    remove: (id) => plain.remove(id).catch(refusedWrite),
    feed: (...all) => plain.feed(...all).catch(refusedWrite),
  };
  return { engine, log, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
}
