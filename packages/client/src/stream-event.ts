/** One encoded picture of a stream. */
export interface Frame {
  readonly type: "frame";
  readonly epoch: number;
  /** From 1 in each epoch. */
  readonly seq: number;
  /** Where a later call of `frames` goes on after this frame. */
  readonly cursor: string;
  /** When it is shown, seconds from the start of the sound. */
  readonly pts: number;
  /** How long it is shown, seconds; absent where the transport does not say. */
  readonly duration?: number;
  /** Such as "image/jpeg". */
  readonly mime: string;
  readonly data: Uint8Array<ArrayBuffer>;
  readonly width?: number;
  readonly height?: number;
}

/** Frames that the gateway left out, and why; never silence. */
export interface StreamGap {
  readonly type: "gap";
  readonly epoch: number;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly reason: "SLOW_CONSUMER" | "RETENTION" | "MISSING";
  readonly cursor: string;
}

/** The stream is made again from the start; what was shown of older epochs is void. */
export interface StreamReset {
  readonly type: "reset";
  readonly epoch: number;
  readonly reason: string;
  readonly cursor: string;
}

export interface StreamEnd {
  readonly type: "end";
  readonly epoch: number;
  readonly reason: "COMPLETED" | "FAILED" | "CANCELLED" | "EXPIRED";
  readonly lastSeq: number;
  readonly cursor: string;
  /** What failed, in the gateway's words. */
  readonly message?: string;
}

export type StreamEvent = Frame | StreamGap | StreamReset | StreamEnd;
