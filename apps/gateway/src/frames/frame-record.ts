import { type FrameEvent, formatCursor } from "@prosopon/jobs";
import { endReasonName, gapReasonName } from "./wire-names.ts";

/** `u8 type` of a record. */
export const RECORD = { frame: 1, gap: 2, reset: 3, end: 4 } as const;

/** Bytes before the payload: u32 length, u8 type, u32 epoch, u64 seq, f64 pts. */
export const RECORD_HEADER = 25;

const payload = (event: FrameEvent): Uint8Array => {
  if (event.event === "frame") return event.bytes;
  const cursor = formatCursor(event.cursor);
  const text =
    event.event === "gap"
      ? { fromSeq: event.from, toSeq: event.to, reason: gapReasonName(event.reason), cursor }
      : event.event === "reset"
        ? { reason: event.reason, cursor }
        : {
            reason: endReasonName(event.reason),
            lastSeq: event.lastSeq,
            cursor,
            ...(event.error ? { error: event.error } : {}),
          };
  return new TextEncoder().encode(JSON.stringify(text));
};

/**
 * One record of the binary stream, big-endian: `u32 length | u8 type | u32 epoch | u64 seq | f64 pts | bytes`. `length` counts all that follows it. Type
 * 1 is a frame (`bytes` is the picture's file), 2 a gap, 3 a reset, 4 the end; their `bytes` are JSON in UTF-8 and their pts is 0.
 * Epoch and seq are the event's cursor.
 */
export function frameRecord(event: FrameEvent): { readonly head: Buffer; readonly bytes: Uint8Array } {
  const bytes = payload(event);
  const head = Buffer.allocUnsafe(RECORD_HEADER);
  head.writeUInt32BE(RECORD_HEADER - 4 + bytes.length, 0);
  head.writeUInt8(RECORD[event.event], 4);
  head.writeUInt32BE(event.cursor.epoch, 5);
  head.writeBigUInt64BE(BigInt(event.cursor.seq), 9);
  head.writeDoubleBE(event.event === "frame" ? event.pts : 0, 17);
  return { head, bytes };
}

/** A record of type 0, without bytes: nothing happened, the stream lives. */
export const RECORD_ALIVE: Uint8Array = (() => {
  const record = Buffer.alloc(RECORD_HEADER);
  record.writeUInt32BE(RECORD_HEADER - 4, 0);
  return record;
})();
