import type { Cursor } from "../cursor.ts";
import type { Frame } from "../frame-event.ts";
import { list, type Reply, word } from "./script.ts";

/** Frames of stream entries; the end's entry is passed over. */
export function readFrames(entries: Reply | undefined): readonly Frame[] {
  return list(entries).flatMap((entry) => {
    const [id, flat] = list(entry);
    const fields = list(flat);
    const bytes = fields[11];
    if (!Buffer.isBuffer(bytes)) return [];
    const at = (index: number): number => Number(word(fields[index]));
    return {
      event: "frame",
      cursor: cursorOf(word(id)),
      // A copy: the reply's buffer may hold other frames, which would stay alive with this one.
      bytes: new Uint8Array(bytes),
      mime: word(fields[1]),
      pts: at(3),
      duration: at(5),
      width: at(7),
      height: at(9),
    };
  });
}

export function cursorOf(id: string): Cursor {
  const [epoch, seq] = id.split("-").map(Number);
  return { epoch: epoch ?? 0, seq: seq ?? 0 };
}
