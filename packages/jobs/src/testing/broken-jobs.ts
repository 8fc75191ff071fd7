import type { Frame, FrameEvent, StreamEnd } from "../frame-event.ts";
import type { FrameLog } from "../frame-log.ts";
import { bell } from "../stream/bell.ts";
import type { JobsHarness } from "./workbench.ts";

/**
 * Logs with one thing wrong, which the conformance suite must notice. `unfenced` numbers what it is given, whoever sends it; `deduplicating`
 * trusts the sender's number and takes the first frame of each; `generator` subscribes by an async generator, whose `return()` waits behind its `await`.
 */
export type Fault = "unfenced" | "deduplicating" | "generator";

/** A harness whose log has this fault. */
export function brokenJobs(harness: JobsHarness, fault: Fault): JobsHarness {
  const { log } = harness;
  const stored: Frame[] = [];
  let end: StreamEnd | undefined;
  const changes = bell();

  async function* subscription(): AsyncGenerator<FrameEvent, undefined, undefined> {
    for (let seq = 0; ; ) {
      const { rings } = changes;
      for (; seq < stored.length; seq++) yield stored[seq]!;
      if (end) {
        yield end;
        return;
      }
      await changes.after(rings).heard;
    }
  }

  const unsafe: Partial<FrameLog> = {
    async append(_job, _fence, seq, frame) {
      if (fault === "deduplicating" && seq <= stored.length) return "ok"; // taken for a repetition
      stored.push({ event: "frame", cursor: { epoch: 1, seq: stored.length + 1 }, ...frame });
      changes.ring();
      return "ok";
    },
    async checkpoint() {
      return "ok";
    },
    async end(job, fence, ending) {
      const answer = await log.end(job, fence, ending);
      if (answer === "ok") {
        const cursor = { epoch: 1, seq: stored.length + 1 };
        end = { event: "end", cursor, reason: ending.reason, lastSeq: stored.length };
        changes.ring();
      }
      return answer;
    },
  };
  // Only the generator's own reading is wrong: its `return` is the stock one.
  const read: FrameLog["read"] = () => subscription();
  return {
    ...harness,
    log: fault === "generator" ? { ...log, read } : { ...log, ...unsafe, read },
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  };
}
