import type { NewFrame } from "../frame-event.ts";

/** Moves frames out of memory; `read` gives their bytes back. */
export interface Spill {
  /** Writes one segment. */
  write(job: string, segment: number, parts: readonly Uint8Array[]): Promise<void>;
  read(job: string, segment: number, offset: number, length: number): Promise<Uint8Array>;
  remove(job: string, segment: number): Promise<void>;
  /** Bytes of a job that stay in memory. */
  readonly memoryBytes: number;
}

interface Kept {
  readonly frame: Omit<NewFrame, "bytes">;
  readonly length: number;
  bytes: Uint8Array | undefined;
  place?: { readonly segment: Segment; readonly offset: number };
}

interface Segment {
  readonly number: number;
  frames: number;
}

export interface KeptFrames {
  /** The oldest kept; one after the newest if there is none. */
  readonly firstSeq: number;
  push(frame: NewFrame): void;
  get(seq: number): Promise<NewFrame> | NewFrame | undefined;
  /** Empties it; the next frame pushed is `nextSeq`. */
  clear(nextSeq: number): void;
}

/** The newest frames of one job, within limits; the older of them on disk where there is one. */
export function keptFrames(
  job: string,
  limits: { readonly frames: number; readonly bytes: number },
  spill?: Spill,
): KeptFrames {
  let kept: (Kept | undefined)[] = [];
  // Index of the oldest in `kept`: shifting an array at each frame would copy it.
  let start = 0;
  let firstSeq = 1;
  let bytes = 0;
  let inMemory = 0;
  let unspilled = 0;
  let segments = 0;
  let spilling = false;

  function forget(one: Kept): void {
    bytes -= one.length;
    if (one.bytes) inMemory -= one.length;
    if (one.place && --one.place.segment.frames === 0)
      void spill?.remove(job, one.place.segment.number).catch(() => {});
  }

  function drop(): void {
    forget(kept[start]!);
    kept[start++] = undefined;
    firstSeq++;
    if (start < 1024 || start < kept.length / 2) return;
    kept = kept.slice(start);
    unspilled = Math.max(0, unspilled - start);
    start = 0;
  }

  /** Writes the older part of what is in memory, a segment at a time. Frames are read from memory until they are written. */
  async function spillOver(to: Spill): Promise<void> {
    if (spilling) return;
    spilling = true;
    while (inMemory > to.memoryBytes) {
      const going: Kept[] = [];
      let size = 0;
      for (unspilled = Math.max(unspilled, start); unspilled < kept.length && size < to.memoryBytes / 2; unspilled++) {
        const one = kept[unspilled]!;
        going.push(one);
        size += one.length;
      }
      if (going.length === 0) break;
      // A full disk: what was to go stays in memory, within the limits of retention.
      if (!(await moved(going, to).catch(() => false))) break;
    }
    spilling = false;
  }

  async function moved(going: readonly Kept[], to: Spill): Promise<true> {
    const segment: Segment = { number: ++segments, frames: 0 };
    const parts = going.map((one) => one.bytes!);
    await to.write(job, segment.number, parts);
    const alive = new Set(kept);
    let offset = 0;
    for (const one of going) {
      if (alive.has(one)) {
        one.place = { segment, offset };
        one.bytes = undefined;
        inMemory -= one.length;
        segment.frames++;
      }
      offset += one.length;
    }
    if (segment.frames === 0) await to.remove(job, segment.number);
    return true;
  }

  return {
    get firstSeq() {
      return firstSeq;
    },
    push({ bytes: own, ...frame }) {
      kept.push({ frame, length: own.length, bytes: own });
      bytes += own.length;
      inMemory += own.length;
      while (kept.length - start > limits.frames || (bytes > limits.bytes && kept.length - start > 1)) drop();
      if (spill) void spillOver(spill);
    },
    get(seq) {
      const one = kept[start + seq - firstSeq];
      if (!one) return undefined;
      if (one.bytes) return { ...one.frame, bytes: one.bytes };
      const { segment, offset } = one.place!;
      return spill!.read(job, segment.number, offset, one.length).then((read) => ({ ...one.frame, bytes: read }));
    },
    clear(nextSeq) {
      for (const one of kept) if (one) forget(one);
      kept = [];
      start = 0;
      unspilled = 0;
      firstSeq = nextSeq;
    },
  };
}
