import { ProsoponError } from "@prosopon/errors";
import type { Box, Image, Point } from "@prosopon/media";

export const dataSplits = ["train", "validation", "test"] as const;
export type DataSplit = (typeof dataSplits)[number];

/** One picture of a user's data set, before anything of it was read. */
export interface PictureItem {
  /** Its name in the data set, such as its path; no two have the same. */
  readonly key: string;
  /** The name that the prepared picture gets behind its label, with an extension. */
  readonly name: string;
  readonly split: DataSplit;
  readonly identity?: string | undefined;
  /** Index of the emotion, in our order. @throws `leftOut`. */
  emotion(): Promise<number>;
  read(): Promise<Image>;
  /** The face, as the data set says, in pixels; it may be wrong. */
  readonly box?: Box | undefined;
  /** 68 places in pixels, as the data set says. */
  landmarks?(): Promise<readonly Point[] | undefined>;
}

/** One speaking clip. */
export interface ClipItem {
  /** The thesis' name: M003_angry_level_1_001. */
  readonly key: string;
  readonly subject: string;
  readonly emotion: number;
  readonly split: DataSplit;
  readonly video: string;
  /** A file with the sound; default: the video's own. */
  readonly sound?: string | undefined;
  readonly transcript?: string | undefined;
}

/** Why something is not used: a few words that many can share. */
export type LeftOutReason =
  | "no annotation"
  | "another emotion"
  | "unreadable"
  | "no face found"
  | "no sound"
  | "too short";

/** Something is left out, and the work goes on. */
export const leftOut = (reason: LeftOutReason, message: string, cause?: unknown): ProsoponError =>
  new ProsoponError("bad-input", message, { values: { leftOut: reason }, cause });
