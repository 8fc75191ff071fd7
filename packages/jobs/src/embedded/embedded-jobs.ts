import { ProsoponError } from "@prosopon/errors";
import { checkChunk, checkSpecification, keyConflict } from "../check-specification.ts";
import { liveRate, retentionWithDefaults, retryHint, unheardMilliseconds, withDefaults } from "../defaults.ts";
import { fits } from "../fits.ts";
import type { FrameLog, Retention } from "../frame-log.ts";
import { isEnded, type Job, type JobError } from "../job.ts";
import type { Claim, ClaimOutcome, EngineLimits, JobEngine, WorkOptions } from "../job-engine.ts";
import { jobError } from "../job-error.ts";
import { queueFull } from "../retry-after.ts";
import { pulled } from "../stream/pulled.ts";
import { claimCancelled, claimLost, unknownJob } from "../unknown-job.ts";
import { embeddedLog, endRecord } from "./embedded-log.ts";
import { change, type JobRecord, jobRecord } from "./job-record.ts";
import type { Spill } from "./kept-frames.ts";

export interface EmbeddedOptions {
  readonly limits?: EngineLimits;
  readonly retention?: Retention;
  /** Where older frames go; they stay in memory if not given. */
  readonly spill?: Spill;
}

export interface EmbeddedJobs extends AsyncDisposable {
  readonly engine: JobEngine;
  readonly log: FrameLog;
  /** Gives up the present claim of a job, as if its worker's lock were lost. For tests of workers. */
  lose(id: string): void;
}

interface Worker {
  readonly options: WorkOptions;
  readonly running: Set<Promise<void>>;
  stopped: boolean;
}

interface Held {
  readonly fence: number;
  readonly lost: AbortController;
}

/** Jobs and frames of one process: nothing survives it. Workers are in this process too; their children need not be. */
export function embeddedJobs(options: EmbeddedOptions = {}): EmbeddedJobs {
  const limits = withDefaults(options.limits);
  const retention = retentionWithDefaults(options.retention);
  const records = new Map<string, JobRecord>();
  const keys = new Map<string, { readonly id: string; readonly text: string }>();
  const workers = new Set<Worker>();
  const held = new Map<string, Held>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let closed = false;

  const known = (id: string): JobRecord => {
    const record = records.get(id);
    if (!record) throw unknownJob(id);
    return record;
  };

  function later(milliseconds: number, work: () => void): void {
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        work();
      },
      Math.min(milliseconds, 2 ** 31 - 1),
    );
    timers.add(timer);
    // Node keeps a process alive for a timer; browsers give a number.
    (timer as { unref?: () => void }).unref?.();
  }

  function ended(record: JobRecord): void {
    const { id } = record.job;
    later(retention.afterEndMilliseconds, () => void log.purge(id).catch(() => {}));
    later(limits.recordMilliseconds, () => forget(id));
  }

  function forget(id: string): void {
    const record = records.get(id);
    if (!record) return;
    records.delete(id);
    for (const [key, { id: owner }] of keys) if (owner === id) keys.delete(key);
    record.removed = true;
    record.frames.clear(record.job.lastSeq + 1);
    record.events.ring();
    record.changes.ring();
  }

  const log = embeddedLog({ records, onEnd: ended });

  /** Ends an attempt that did not end its job. */
  function release(record: JobRecord, fence: number, error: JobError | undefined): void {
    const { job } = record;
    if (job.fence !== fence || job.state !== "running") return;
    held.delete(job.id);
    const lost = job.lost + (error ? 1 : 0);
    if (job.cancelling) endRecord(record, { reason: "cancelled" }, ended);
    else if (error && lost >= limits.maxAttempts) {
      record.job = { ...job, lost };
      endRecord(record, { reason: "failed", error }, ended);
    } else change(record, { state: "queued", lost });
  }

  function claim(record: JobRecord, worker: Worker): void {
    const fence = record.job.fence + 1;
    const { device } = worker.options.capabilities;
    change(record, { state: "running", fence, device, startedAt: record.job.startedAt ?? Date.now() });
    const lost = new AbortController();
    const { id } = record.job;
    held.set(id, { fence, lost });
    const work: Claim = {
      job: record.job,
      fence,
      signal: lost.signal,
      live: { [Symbol.asyncIterator]: () => record.live.listen() },
      async progress(progress) {
        if (record.job.fence === fence && record.job.state === "running") change(record, { progress });
      },
    };
    const running = (async () => worker.options.handler(work))()
      .then(
        (outcome: ClaimOutcome) => {
          if (outcome === "hand-back") return release(record, fence, undefined);
          // A handler that says so without having written an end has lost its job.
          const message = "The worker gave the job up without an end.";
          release(record, fence, { code: "internal", message });
        },
        (error: unknown) => release(record, fence, jobError(error)),
      )
      .finally(() => {
        worker.running.delete(running);
        if (held.get(id)?.fence === fence) held.delete(id);
        dispatch();
      });
    worker.running.add(running);
  }

  /** Gives waiting jobs to free workers: the job's priority first, then its age; the job's best device first. */
  function dispatch(): void {
    if (closed) return;
    const free = [...workers].filter((one) => !one.stopped && one.running.size < one.options.slots);
    if (free.length === 0) return;
    const waiting = [...records.values()].filter(({ job }) => job.state === "queued");
    waiting.sort((a, b) => b.job.priority - a.job.priority);
    for (const record of waiting) {
      const { application, needs } = record.job;
      const able = free.filter(
        (one) => one.running.size < one.options.slots && fits(application, needs, one.options.capabilities),
      );
      const rank = (one: Worker): number => needs?.devices?.indexOf(one.options.capabilities.device) ?? 0;
      const best = able.sort((a, b) => rank(a) - rank(b) || a.running.size - b.running.size)[0];
      if (best) claim(record, best);
    }
  }

  const open = (tenant: string, states: (job: Job) => boolean): number =>
    [...records.values()].filter(({ job }) => job.tenant === tenant && states(job)).length;

  const engine: JobEngine = {
    async submit(specification, { idempotencyKey, priority = 5, trace } = {}) {
      if (closed) throw new ProsoponError("unavailable", "The engine is closed.");
      const text = checkSpecification(specification, {
        priority,
        ...(idempotencyKey !== undefined && { idempotencyKey }),
        ...(trace && { trace }),
      });
      const { tenant } = specification;
      const key = `${tenant} ${idempotencyKey}`;
      const before = idempotencyKey === undefined ? undefined : keys.get(key);
      if (before && before.text !== text) throw keyConflict(idempotencyKey ?? "", before.id);
      if (before) return known(before.id).job;
      const waiting = open(tenant, ({ state }) => state === "queued");
      const all = open(tenant, ({ state }) => !isEnded(state));
      if (waiting >= limits.queuedPerTenant || all >= limits.openPerTenant)
        throw queueFull(tenant, all, retryHint(waiting));
      const id = crypto.randomUUID();
      const job: Job = {
        ...(JSON.parse(text) as Job),
        id,
        priority,
        ...(trace && { trace }),
        state: "queued",
        cancelling: false,
        fence: 0,
        lost: 0,
        epoch: 1,
        lastSeq: 0,
        submittedAt: Date.now(),
      };
      const record = jobRecord(job, limits, retention, liveRate, options.spill);
      records.set(id, record);
      if (idempotencyKey !== undefined) keys.set(key, { id, text });
      later(limits.queueMilliseconds, () => {
        if (record.job.state === "queued" && record.job.fence === 0) endRecord(record, { reason: "expired" }, ended);
      });
      dispatch();
      return job;
    },
    async get(id) {
      return records.get(id)?.job;
    },
    async list({ tenant, first = 20, after }) {
      const own = [...records.values()].filter(({ job }) => job.tenant === tenant).reverse();
      const from = after === undefined ? 0 : own.findIndex(({ job }) => job.id === after) + 1;
      return own.slice(from, from + Math.min(100, first)).map(({ job }) => job);
    },
    async cancel(id) {
      const record = known(id);
      const { state } = record.job;
      if (isEnded(state)) return record.job;
      change(record, { cancelling: true });
      if (state === "queued") endRecord(record, { reason: "cancelled" }, ended);
      else {
        held.get(id)?.lost.abort(claimCancelled(id));
        later(unheardMilliseconds, () => {
          if (!record.removed && !isEnded(record.job.state)) endRecord(record, { reason: "cancelled" }, ended);
        });
      }
      return record.job;
    },
    watch(id, { signal } = {}) {
      let record: JobRecord;
      let given: Job | undefined;
      return pulled<Job>({
        signal,
        open() {
          record = known(id);
          return record.changes;
        },
        take() {
          if (record.job === given || record.removed)
            return record.removed || isEnded(record.job.state) ? "done" : undefined;
          if (given && isEnded(given.state)) return "done";
          given = record.job;
          return given;
        },
      });
    },
    async remove(id) {
      if (!records.has(id)) return;
      await engine.cancel(id);
      held.get(id)?.lost.abort(claimCancelled(id));
      forget(id);
    },
    async feed(id, chunk) {
      checkChunk(chunk);
      return known(id).live.feed(chunk);
    },
    async work(workOptions) {
      const worker: Worker = { options: workOptions, running: new Set(), stopped: false };
      workers.add(worker);
      dispatch();
      return async () => {
        worker.stopped = true;
        workers.delete(worker);
        while (worker.running.size > 0) await Promise.all(worker.running);
      };
    },
    async queued(capabilities) {
      return [...records.values()].filter(
        ({ job }) => job.state === "queued" && (!capabilities || fits(job.application, job.needs, capabilities)),
      ).length;
    },
    async check() {},
    async [Symbol.asyncDispose]() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      for (const worker of workers) worker.stopped = true;
      for (const [id, { lost }] of held) lost.abort(claimLost(id));
      for (const id of [...records.keys()]) forget(id);
    },
  };

  return {
    engine,
    log,
    lose(id) {
      const claimed = held.get(id);
      const record = known(id);
      if (!claimed) return;
      release(record, claimed.fence, { code: "crashed", message: "The worker's lock was lost." });
      claimed.lost.abort(claimLost(id));
      dispatch();
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
