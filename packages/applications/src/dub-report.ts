import { ProsoponError } from "@prosopon/errors";

/** Consecutive frames that were not dubbed like the others. */
export interface FrameRange {
  readonly first: number;
  readonly last: number;
  readonly reason: string;
}

export interface DubReport {
  readonly frames: number;
  readonly dubbed: number;
  /** The face was not seen; it was taken to be where it was. */
  readonly held: readonly FrameRange[];
  /** The face was not seen; the frame is as it was. */
  readonly passed: readonly FrameRange[];
  /** Frames at which a face elsewhere was taken up. */
  readonly cuts: readonly number[];
  /** What ended first and so decided the length. */
  readonly shorter: "video" | "speech" | "neither";
  /** Faces in the first frame that has any; the largest is dubbed. */
  readonly faces: number;
}

/** Adds a frame to ranges of frames, the last of which it may continue. */
export function addFrame(ranges: FrameRange[], index: number, reason: string): void {
  const last = ranges.at(-1);
  if (last && last.last === index - 1 && last.reason === reason) ranges[ranges.length - 1] = { ...last, last: index };
  else ranges.push({ first: index, last: index, reason });
}

/** "12 to 19 (no face was found), 40 (...)": frames count from 0. */
export const tellRanges = (ranges: readonly FrameRange[]): string =>
  ranges.map(({ first, last, reason }) => `${first === last ? first : `${first} to ${last}`} (${reason})`).join(", ");

/** @throws `bad-input` saying where and why the face is lost. */
export function refuseLost(index: number, seconds: number, reason: string): never {
  throw new ProsoponError("bad-input", `The face is lost in frame ${index} (${seconds.toFixed(2)} s): ${reason}.`, {
    values: { frame: index, seconds, reason },
    mend: 'Use lost "hold" or "pass", or cut the film.',
  });
}
