import type { Cursor } from "../cursor.ts";
import type { FrameEvent } from "../frame-event.ts";
import type { FrameLog, StreamEnding } from "../frame-log.ts";
import { isEnded } from "../job.ts";
import { nextEvent } from "../stream/next-event.ts";
import { pulled } from "../stream/pulled.ts";
import { missingFrames, unknownJob } from "../unknown-job.ts";
import { change, type JobRecord } from "./job-record.ts";

export interface EmbeddedLogOptions {
  readonly records: ReadonlyMap<string, JobRecord>;
  /** Called once for each job that ends. */
  readonly onEnd: (record: JobRecord) => void;
}

/** Writes the end of a job, whoever asks. What was asked to be cancelled ends so. */
export function endRecord(record: JobRecord, ending: StreamEnding, onEnd: (record: JobRecord) => void): void {
  const { cancelling, epoch, lastSeq } = record.job;
  const { reason, artifact, error }: StreamEnding = cancelling ? { reason: "cancelled" } : ending;
  const facts = { ...(artifact && { artifact }), ...(error && { error }) };
  record.end = { event: "end", cursor: { epoch, seq: lastSeq + 1 }, reason, lastSeq, ...facts };
  record.live.close();
  change(record, { state: reason, endedAt: Date.now(), ...facts });
  record.events.ring();
  onEnd(record);
}

/** The frame log of this process. No step between a fence's check and its write is asynchronous. */
export function embeddedLog({ records, onEnd }: EmbeddedLogOptions): FrameLog {
  const known = (id: string): JobRecord => {
    const record = records.get(id);
    if (!record) throw unknownJob(id);
    return record;
  };

  function refusal({ job }: JobRecord, fence: number): "fenced" | "cancelled" | undefined {
    if (isEnded(job.state) || job.fence !== fence) return "fenced";
    return job.cancelling ? "cancelled" : undefined;
  }

  return {
    async start(id, fence) {
      const record = known(id);
      const refused = refusal(record, fence);
      if (refused) return refused;
      const { epoch, lastSeq } = record.job;
      const { checkpoint } = record;
      if (checkpoint) return { epoch, lastSeq, checkpoint };
      if (lastSeq === 0) return { epoch, lastSeq };
      record.frames.clear(1);
      change(record, { epoch: epoch + 1, lastSeq: 0 });
      record.events.ring();
      return { epoch: epoch + 1, lastSeq: 0 };
    },
    async append(id, fence, seq, frame) {
      const record = known(id);
      const refused = refusal(record, fence);
      if (refused) return refused;
      const { lastSeq } = record.job;
      if (seq <= lastSeq) return "duplicate";
      if (seq !== lastSeq + 1) throw missingFrames(id, seq, lastSeq);
      const { bytes, mime, pts, duration, width, height } = frame;
      record.frames.push({ bytes, mime, pts, duration, width, height });
      // Not `change`: watchers of the job are not woken at every frame.
      record.job = { ...record.job, lastSeq: seq };
      record.events.ring();
      return "ok";
    },
    async checkpoint(id, fence, seq, state) {
      const record = known(id);
      const refused = refusal(record, fence);
      if (refused) return refused;
      const { epoch, lastSeq } = record.job;
      if (seq > lastSeq) throw missingFrames(id, seq, lastSeq);
      record.checkpoint = { epoch, seq, state };
      return "ok";
    },
    async latest(id) {
      return known(id).checkpoint;
    },
    async end(id, fence, ending) {
      const record = known(id);
      if (refusal(record, fence) === "fenced") return "fenced";
      endRecord(record, ending, onEnd);
      return "ok";
    },
    read(id, { after, delivery = "reliable", lag = 5, signal } = {}) {
      let record: JobRecord;
      let cursor: Cursor;
      let ended = false;
      return pulled<FrameEvent>({
        signal,
        open() {
          record = known(id);
          cursor = after ?? { epoch: record.job.epoch, seq: 0 };
          return record.events;
        },
        async take() {
          for (;;) {
            if (ended || record.removed) return "done";
            const { epoch, lastSeq } = record.job;
            const view = { epoch, lastSeq, firstSeq: record.frames.firstSeq, end: record.end };
            const next = nextEvent(view, cursor, delivery === "live" ? lag : undefined);
            if (next === undefined) return undefined;
            if (typeof next !== "number") {
              ended = next.event === "end";
              cursor = next.cursor;
              return next;
            }
            const place = { epoch, seq: next };
            const gone = (): boolean => record.job.epoch !== epoch || record.frames.firstSeq > next;
            // Of spilled frames the file may go while it is read; then there is a gap to tell of.
            const frame = await Promise.resolve(record.frames.get(next)).catch((error: unknown) => {
              if (gone()) return undefined;
              throw error;
            });
            if (!frame || gone()) continue;
            cursor = place;
            return { event: "frame", cursor, ...frame };
          }
        },
      });
    },
    async head(id) {
      const { job, end } = known(id);
      return end?.cursor ?? { epoch: job.epoch, seq: job.lastSeq };
    },
    async purge(id) {
      const record = known(id);
      record.frames.clear(record.job.lastSeq + 1);
      record.checkpoint = undefined;
      record.events.ring();
    },
  };
}
