import { cursorOf, isAfter, type Position } from "../cursor.ts";
import type { Job } from "../job.ts";
import type { StreamEvent } from "../stream-event.ts";

/** What a fake application gives: pictures, progress, or word that it begins again. */
export type FakeStep =
  | {
      readonly data: Uint8Array;
      readonly pts?: number;
      readonly mime?: string;
      readonly width?: number;
      readonly height?: number;
    }
  | { readonly progress: Job["progress"] }
  | { readonly reset: string };

export interface FakeArtifact {
  readonly name: string;
  readonly mime: string;
  readonly content: Uint8Array;
  readonly table?: Readonly<Record<string, unknown>>;
}

export interface FakeRun {
  readonly input: Readonly<Record<string, unknown>>;
  readonly file: (id: unknown) => Uint8Array;
  readonly live: AsyncIterable<Float32Array>;
  readonly signal: AbortSignal;
}

export type FakeApplication = (run: FakeRun) => AsyncGenerator<FakeStep, FakeArtifact | undefined, undefined>;

/** A job with its log; everything in memory. */
export interface FakeJob {
  job(): Job;
  /** Events after a position, waiting for more until the end or until `left()` is true. */
  read(after: Position | undefined, left: () => boolean): AsyncGenerator<StreamEvent, void, undefined>;
  changes(left: () => boolean): AsyncGenerator<Job, void, undefined>;
  feed(chunk: Float32Array | "end"): void;
  cancel(): void;
  readonly artifact: () => FakeArtifact | undefined;
}

export interface FakeJobOptions {
  readonly id: string;
  readonly name: string;
  readonly application: FakeApplication;
  readonly input: Readonly<Record<string, unknown>>;
  readonly file: (id: unknown) => Uint8Array;
}

export function fakeJob({ id, name, application, input, file }: FakeJobOptions): FakeJob {
  const log: StreamEvent[] = [];
  const cancelled = new AbortController();
  const sound: (Float32Array | "end")[] = [];
  let epoch = 1;
  let seq = 0;
  let state: Job["state"] = "QUEUED";
  let progress: Job["progress"] = null;
  let error: Job["error"] = null;
  let artifact: FakeArtifact | undefined;
  let wakers: (() => void)[] = [];
  const changed = (): void => {
    for (const wake of wakers.splice(0)) wake();
  };
  // A reader that left is let go at the next change or after a while.
  const change = (): Promise<void> =>
    new Promise((resolve) => {
      wakers.push(resolve);
      setTimeout(resolve, 25);
    });

  const live: AsyncIterable<Float32Array> = {
    async *[Symbol.asyncIterator]() {
      while (!cancelled.signal.aborted) {
        const chunk = sound.shift();
        if (chunk === "end") return;
        if (chunk) yield chunk;
        else await change();
      }
    },
  };

  const end = (reason: "COMPLETED" | "FAILED" | "CANCELLED", message?: string): void => {
    state = reason;
    const cursor = cursorOf({ epoch, seq: seq + 1 });
    log.push({ type: "end", epoch, reason, lastSeq: seq, cursor, ...(message ? { message } : {}) });
    changed();
  };

  void (async () => {
    try {
      const steps = application({ input, file, live, signal: cancelled.signal });
      while (true) {
        const step = await steps.next();
        if (cancelled.signal.aborted) return end("CANCELLED");
        if (step.done) {
          artifact = step.value;
          return end("COMPLETED");
        }
        state = "RUNNING";
        const { value } = step;
        if ("progress" in value) progress = value.progress;
        else if ("reset" in value) {
          epoch += 1;
          seq = 0;
          wakers = [...wakers];
          log.splice(0);
          log.push({ type: "reset", epoch, reason: value.reset, cursor: cursorOf({ epoch, seq }) });
        } else {
          const { data, pts = seq / 25, mime = "image/jpeg", width = 1, height = 1 } = value;
          seq += 1;
          const cursor = cursorOf({ epoch, seq });
          const bytes = Uint8Array.from(data);
          log.push({ type: "frame", epoch, seq, cursor, pts, duration: 0.04, mime, width, height, data: bytes });
        }
        changed();
      }
    } catch (cause) {
      error = { code: "internal", message: cause instanceof Error ? cause.message : String(cause) };
      end("FAILED", error.message);
    }
  })();

  const job = (): Job => ({
    id,
    application: name,
    state,
    progress,
    lastSeq: seq,
    error,
    artifact: artifact
      ? {
          name: artifact.name,
          mime: artifact.mime,
          size: artifact.content.length,
          url: `/v1/jobs/${id}/artifact`,
          digitalSourceType: "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
          table: artifact.table ?? null,
        }
      : null,
  });

  return {
    job,
    async *read(after, left) {
      let position = after;
      while (!left()) {
        const from = position;
        const next = log.find((event) => {
          if (event.type === "reset") return from !== undefined && event.epoch > from.epoch;
          return (
            !from ||
            isAfter(
              { epoch: event.epoch, seq: event.type === "end" ? event.lastSeq + 1 : (event as { seq: number }).seq },
              from,
            )
          );
        });
        if (!next) {
          await change();
          continue;
        }
        yield next;
        if (next.type === "end") return;
        position = { epoch: next.epoch, seq: next.type === "frame" ? next.seq : 0 };
      }
    },
    async *changes(left) {
      let told = "";
      while (!left()) {
        const now = job();
        const text = JSON.stringify(now);
        if (text !== told) yield now;
        told = text;
        if (now.state !== "QUEUED" && now.state !== "RUNNING") return;
        await change();
      }
    },
    feed(chunk) {
      sound.push(chunk);
      changed();
    },
    cancel() {
      cancelled.abort();
      changed();
    },
    artifact: () => artifact,
  };
}
