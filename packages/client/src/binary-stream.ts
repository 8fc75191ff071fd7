import { bodyChunks } from "./body-chunks.ts";
import { cursorOf } from "./cursor.ts";
import type { Endpoint } from "./endpoint.ts";
import { pictureKind } from "./picture-kind.ts";
import { refusalOf } from "./problem.ts";
import { promptAnswer } from "./prompt-answer.ts";
import { records, recordTypes, type StreamRecord } from "./record.ts";
import type { FrameRequest } from "./socket-stream.ts";
import type { StreamEnd, StreamEvent, StreamGap } from "./stream-event.ts";

/** A record as an event; undefined for kinds of a later version. */
function eventOf({ type, epoch, seq, pts, bytes }: StreamRecord): StreamEvent | undefined {
  const cursor = cursorOf({ epoch, seq });
  if (type === recordTypes.frame) {
    return { type: "frame", epoch, seq, cursor, pts, mime: pictureKind(bytes), data: bytes };
  }
  if (type !== recordTypes.gap && type !== recordTypes.reset && type !== recordTypes.end) return undefined;
  const said = JSON.parse(new TextDecoder().decode(bytes)) as {
    readonly reason: string;
    readonly fromSeq: number;
    readonly toSeq: number;
    readonly lastSeq: number;
    readonly error?: { readonly message: string };
  };
  if (type === recordTypes.gap) {
    const { fromSeq, toSeq } = said;
    return { type: "gap", epoch, fromSeq, toSeq, reason: said.reason as StreamGap["reason"], cursor };
  }
  if (type === recordTypes.reset) return { type: "reset", epoch, reason: said.reason, cursor };
  const end = {
    type: "end",
    epoch,
    reason: said.reason as StreamEnd["reason"],
    lastSeq: said.lastSeq,
    cursor,
  } as const;
  return said.error ? { ...end, message: said.error.message } : end;
}

/** Frames over a plain HTTP answer of length-prefixed records: the cheapest for both sides, and the network waits for the reader. */
export async function* binaryStream(
  place: Endpoint,
  { jobId, after, delivery, maxFps, signal }: FrameRequest,
  idleMs: number,
): AsyncGenerator<StreamEvent, void, undefined> {
  const query = new URLSearchParams({
    delivery,
    ...(after === undefined ? {} : { after }),
    ...(maxFps === undefined ? {} : { maxFps: String(maxFps) }),
  });
  const answer = await promptAnswer(place, `/v1/jobs/${encodeURIComponent(jobId)}/frames?${query}`, { signal, idleMs });
  if (!answer.ok || !answer.body) {
    throw refusalOf(answer.status, await answer.text(), answer.headers.get("retry-after"));
  }
  for await (const record of records(bodyChunks(answer.body, { idleMs }))) {
    const event = eventOf(record);
    if (event) yield event;
  }
}
