import { type Job as QueuedJob, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { fits } from "../fits.ts";
import type { Job, JobError, Needs } from "../job.ts";
import type { Claim, EngineLimits, Stop, WorkOptions } from "../job-engine.ts";
import { jobError } from "../job-error.ts";
import { bell } from "../stream/bell.ts";
import { claimCancelled, claimLost } from "../unknown-job.ts";
import * as scripts from "./engine-scripts.ts";
import type { Hints } from "./hints.ts";
import type { Keys } from "./keys.ts";
import { lookJob } from "./look-job.ts";
import { redisSound } from "./redis-sound.ts";
import { list, word } from "./script.ts";

/** Times of the locks that tell a dead worker from a living one. */
export interface LockTimes {
  /** How long a worker may be silent until its jobs are given to others, milliseconds; default 10,000. */
  readonly lockMilliseconds?: number;
  /** How often somebody looks for such jobs; default 5000. */
  readonly checkMilliseconds?: number;
}

export interface WorkContext {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly hints: Hints;
  readonly limits: Required<EngineLimits>;
  readonly locks: Required<LockTimes>;
  /** Arguments 1 to 5 of the engine's scripts. */
  readonly head: (id: string) => (string | number)[];
  /** A connection of its own, as BullMQ wants it. */
  readonly connection: Redis;
}

/** What the jobs of a queue are alike in. */
export interface QueueKind {
  readonly application: string;
  readonly needs?: Needs;
}

export interface RedisWork {
  readonly stop: Stop;
  /** Lets go of everything now: other workers get its jobs when their locks run out. */
  abandon(): Promise<void>;
}

/** Lost locks are counted by the claim's script, which knows what was handed back; BullMQ shall never give up by itself. */
const never = 1_000_000;

/** Takes jobs of all queues that fit, a lock for each, and renews the locks while the handler works. */
export async function redisWork(options: WorkOptions, context: WorkContext): Promise<RedisWork> {
  const { redis, keys, hints, limits, locks, head, connection } = context;
  const { capabilities, slots, handler, onError } = options;
  const workers = new Map<string, { readonly worker: Worker; readonly rank: number }>();
  const running = new Set<Promise<void>>();
  const wake = bell();
  const held = new Set<() => void>();
  let stopped = false;
  let claims = 0;
  const lost: JobError = { code: "crashed", message: "The worker was lost." };

  const trouble = (error: unknown): void => onError?.(error instanceof Error ? error : new Error(String(error)));

  async function findQueues(): Promise<void> {
    for (const [name, text] of Object.entries(await redis.hgetall(keys.queues))) {
      if (workers.has(name)) continue;
      const { application, needs } = JSON.parse(text) as QueueKind;
      if (!fits(application, needs, capabilities)) continue;
      const worker = new Worker(name, null, {
        connection,
        prefix: keys.prefix,
        autorun: false,
        lockDuration: locks.lockMilliseconds,
        stalledInterval: locks.checkMilliseconds,
        maxStalledCount: never,
      });
      worker.on("error", trouble);
      workers.set(name, { worker, rank: Math.max(0, needs?.devices?.indexOf(capabilities.device) ?? 0) });
      worker.startStalledCheckTimer().catch(trouble);
    }
  }

  /** The next job of any queue; those that like this device best are asked first. */
  async function take(): Promise<{ readonly queued: QueuedJob; readonly token: string } | undefined> {
    for (const { worker } of [...workers.values()].sort((a, b) => a.rank - b.rank)) {
      const token = `${worker.id}:${++claims}`;
      const queued = (await worker.getNextJob(token, { block: false })) as QueuedJob | undefined;
      if (queued) return { queued, token };
    }
    return undefined;
  }

  async function begin(queued: QueuedJob, token: string): Promise<void> {
    const id = queued.id ?? "";
    const finished = (): Promise<unknown> => queued.moveToCompleted(null, token, false).catch(() => {});
    const reply = await scripts.claim(
      redis,
      [],
      [...head(id), capabilities.device, limits.maxAttempts, JSON.stringify(lost)],
    );
    const fence = Number(word(list(reply)[0]));
    const { job } = await lookJob(redis, keys, id);
    if (!Array.isArray(reply) || !job) return void (await finished());
    await hold(queued, token, job, fence, finished);
  }

  async function hold(
    queued: QueuedJob,
    token: string,
    job: Job,
    fence: number,
    finished: () => Promise<unknown>,
  ): Promise<void> {
    const { id } = job;
    const gone = new AbortController();
    const lose = (): void => gone.abort(claimLost(id));
    held.add(lose);
    let renewed = performance.now();
    const check = async (): Promise<void> => {
      const { job: now } = await lookJob(redis, keys, id);
      if (!now || (now.cancelling && now.fence === fence)) gone.abort(claimCancelled(id));
      else if (now.fence !== fence) gone.abort(claimLost(id));
    };
    const stopListening = await hints.listen(keys.hint(id), (what) => {
      if (what === "c" || what === "f" || what === "poll") check().catch(trouble);
    });
    const renewal = setInterval(() => {
      queued.extendLock(token, locks.lockMilliseconds).then(
        (extended) => {
          if (extended) renewed = performance.now();
          else lose();
        },
        (error: unknown) => {
          trouble(error);
          if (performance.now() - renewed > locks.lockMilliseconds) lose();
        },
      );
    }, locks.lockMilliseconds / 3);

    const claim: Claim = {
      job,
      fence,
      signal: gone.signal,
      live: { [Symbol.asyncIterator]: () => redisSound(id, { redis, keys, hints }) },
      async progress(progress) {
        await scripts.progress(redis, [], [...head(id), fence, JSON.stringify(progress)]);
      },
    };
    const release = async (error: JobError | undefined): Promise<void> => {
      const text = error ? JSON.stringify(error) : "";
      const state = word(await scripts.release(redis, [], [...head(id), fence, limits.maxAttempts, text]));
      if (state !== "queued") return void (await finished());
      await queued.moveToWait(token).catch(() => {}); // The lock is lost: whoever looks for stalled jobs moves it.
      await redis.publish(keys.wake, "w");
    };
    try {
      const outcome = await handler(claim).then(
        (value) => value,
        (error: unknown) => jobError(error),
      );
      if (outcome === "hand-back") await release(undefined);
      else if (outcome === "ended")
        await release({ code: "internal", message: "The worker gave the job up without an end." });
      else await release(outcome);
    } finally {
      held.delete(lose);
      clearInterval(renewal);
      stopListening();
    }
  }

  async function loop(): Promise<void> {
    while (!stopped) {
      const { rings } = wake;
      try {
        await findQueues();
        while (!stopped && running.size < slots) {
          const taken = await take();
          if (!taken) break;
          const work: Promise<void> = begin(taken.queued, taken.token)
            .catch(trouble)
            .finally(() => {
              running.delete(work);
              wake.ring();
            });
          running.add(work);
        }
      } catch (error) {
        trouble(error);
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      if (!stopped) await wake.after(rings).heard;
    }
  }

  const stopListening = await hints.listen(keys.wake, () => wake.ring());
  const looping = loop();
  async function halt(): Promise<void> {
    stopped = true;
    wake.ring();
    stopListening();
    await looping;
  }
  const close = (): Promise<unknown> =>
    Promise.all([...workers.values()].map(({ worker }) => worker.close(true).catch(trouble)));
  return {
    async stop() {
      await halt();
      while (running.size > 0) await Promise.all(running);
      await close();
    },
    async abandon() {
      await halt();
      for (const lose of held) lose();
      await close();
    },
  };
}
