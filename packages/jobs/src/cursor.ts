import { ProsoponError } from "@prosopon/errors";

/** A place in a job's stream: after frame `seq` of epoch `epoch`. Ordered by epoch, then by seq. */
export interface Cursor {
  /** From 1. It rises when a stream is made again from its start. */
  readonly epoch: number;
  /** From 1 for the first frame; 0 stands before it. */
  readonly seq: number;
}

/** base64url("v1.<epoch>.<seq>"). Opaque to clients, and no secret: what may be read is decided on the job. */
export function formatCursor({ epoch, seq }: Cursor): string {
  return btoa(`v1.${epoch}.${seq}`).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const pattern = /^v1\.([1-9]\d{0,9})\.(0|[1-9]\d{0,14})$/;

/** The one cursor that `formatCursor` writes so. @throws `bad-input` for any other text. */
export function parseCursor(text: string): Cursor {
  const found = /^[\w-]{7,48}$/.test(text) ? pattern.exec(decoded(text)) : null;
  const cursor = found && { epoch: Number(found[1]), seq: Number(found[2]) };
  // Base64 has spare bits: several texts decode to the same bytes, one of them is ours.
  if (!cursor || cursor.epoch >= 2 ** 31 || formatCursor(cursor) !== text)
    throw new ProsoponError("bad-input", `"${text.slice(0, 60)}" is no cursor.`, {
      values: { cursor: text.slice(0, 60) },
      mend: "Give one that a frame came with, or none for the whole stream.",
    });
  return cursor;
}

/** Negative if `a` comes before `b`, 0 if they are the same place. */
export const compareCursors = (a: Cursor, b: Cursor): number => a.epoch - b.epoch || a.seq - b.seq;

function decoded(text: string): string {
  try {
    return atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return "";
  }
}
