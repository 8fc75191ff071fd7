import type { FrameEvent, NewFrame } from "../frame-event.ts";
import type { FrameLog, Retention } from "../frame-log.ts";
import type { Capabilities, Claim, ClaimOutcome, EngineLimits, JobEngine } from "../job-engine.ts";

/** An engine and its log, fresh for one case. */
export interface JobsHarness extends AsyncDisposable {
  readonly engine: JobEngine;
  readonly log: FrameLog;
  /** Makes the engine give up the present claim of a job, as when its worker stalls past its lock; resolves when it has. */
  lose(id: string): Promise<void>;
}

export interface HarnessOptions {
  readonly limits?: EngineLimits;
  readonly retention?: Retention;
}

/** A claim in the hands of a test. */
export interface Taken {
  readonly claim: Claim;
  /** Ends the handler: with an outcome, or with an error, which is a lost attempt. */
  done(outcome: ClaimOutcome | Error): void;
}

export interface Bench {
  /** The next job that the engine gives this worker. */
  next(): Promise<Taken>;
  /** How many were given and not asked for by `next`. */
  readonly given: number;
  stop(): Promise<void>;
}

/** A worker whose jobs the test does itself. */
export async function bench(engine: JobEngine, capabilities: Partial<Capabilities> = {}, slots = 1): Promise<Bench> {
  const given: Taken[] = [];
  const waiting: ((taken: Taken) => void)[] = [];
  const stop = await engine.work({
    capabilities: { applications: ["paint"], device: "cpu", ...capabilities },
    slots,
    handler: (claim) =>
      new Promise((resolve, reject) => {
        const taken: Taken = {
          claim,
          done: (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)),
        };
        const next = waiting.shift();
        if (next) next(taken);
        else given.push(taken);
      }),
  });
  return {
    next: () => {
      const first = given.shift();
      return first
        ? Promise.resolve(first)
        : within("a job for the worker", new Promise((resolve) => waiting.push(resolve)));
    },
    get given() {
      return given.length;
    },
    stop,
  };
}

/** A specification of a job that any bench takes. */
export const painting = { application: "paint", input: { colour: "red" }, tenant: "anna" } as const;

/** A frame whose bytes say who wrote it. */
export const tagged = (author: string, seq: number): NewFrame => ({
  bytes: new TextEncoder().encode(`${author}${seq}`),
  mime: "text/plain",
  pts: (seq - 1) / 25,
  duration: 0.04,
  width: 2,
  height: 2,
});

/** An event in a few letters: "1.7 B7" is frame 7 of epoch 1 with the bytes "B7". */
export function brief(event: FrameEvent): string {
  const place = `${event.cursor.epoch}.${event.cursor.seq}`;
  if (event.event === "frame") return `${place} ${new TextDecoder().decode(event.bytes)}`;
  if (event.event === "gap") return `${place} gap ${event.from}-${event.to} ${event.reason}`;
  return event.event === "reset" ? `${place} reset` : `${place} ${event.reason} ${event.lastSeq}`;
}

/** The next events, as many as `count` or up to the end. */
export async function events(iterator: AsyncIterator<FrameEvent>, count = Number.POSITIVE_INFINITY): Promise<string[]> {
  const found: string[] = [];
  while (found.length < count) {
    const { done, value } = await within(`an event after ${found.at(-1) ?? "the start"}`, iterator.next());
    if (done) break;
    found.push(brief(value));
  }
  return found;
}

/** Rejects when a promise does not settle in time. */
export async function within<Value>(what: string, promise: Promise<Value>, milliseconds = 15_000): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${milliseconds} ms for ${what}`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export function same(actual: unknown, expected: unknown, what = "value"): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: expected ${b}, got ${a}`);
}

export async function refuses(code: string, work: () => Promise<unknown>): Promise<Error> {
  const outcome = await work().then(
    () => undefined,
    (error: unknown) => error as Error & { code?: string },
  );
  if (outcome?.name !== "ProsoponError" || outcome.code !== code)
    throw new Error(`expected an error "${code}", got ${outcome}`);
  return outcome;
}

/** "A1".."A3" as `brief` shows them. */
export const written = (author: string, from: number, to: number, epoch = 1): string[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => `${epoch}.${from + i} ${author}${from + i}`);

/** Appends frames `from` to `to`. @returns what the log answered, each answer once. */
export async function write(
  log: FrameLog,
  { job, fence }: Claim,
  author: string,
  from: number,
  to: number,
): Promise<string[]> {
  const answers = new Set<string>();
  for (let seq = from; seq <= to; seq++) answers.add(await log.append(job.id, fence, seq, tagged(author, seq)));
  return [...answers];
}
