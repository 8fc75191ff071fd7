import { ProsoponError } from "@prosopon/errors";

/** A place in a stream: which generation of it (`epoch`, 0 and up) and after which event (`seq`, 0 = before the first). */
export interface Position {
  readonly epoch: number;
  readonly seq: number;
}

const toBase64Url = (text: string): string => btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** The cursor of a position: base64url("v1.<epoch>.<seq>"). No secret; the gateway checks who may read the job. */
export function cursorOf({ epoch, seq }: Position): string {
  return toBase64Url(`v1.${epoch}.${seq}`);
}

/**
 * The position behind a cursor.
 * @throws ProsoponError `bad-input` if the text is no cursor of this version.
 */
export function positionOf(cursor: string): Position {
  let plain = "";
  try {
    plain = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    // Falls through to the one message below.
  }
  const [, epoch, seq] = /^v1\.(\d{1,15})\.(\d{1,15})$/.exec(plain) ?? [];
  if (epoch === undefined || seq === undefined) {
    throw new ProsoponError("bad-input", `"${cursor.slice(0, 60)}" is no cursor of a stream.`, {
      values: { cursor },
      mend: "Give the `cursor` of a frame that this gateway sent, or none to start from the beginning.",
    });
  }
  return { epoch: Number(epoch), seq: Number(seq) };
}

/** True if `position` lies strictly after `other`: lexicographic on (epoch, seq). */
export function isAfter(position: Position, other: Position): boolean {
  return position.epoch > other.epoch || (position.epoch === other.epoch && position.seq > other.seq);
}
