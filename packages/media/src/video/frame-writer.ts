import type { Image } from "../image.ts";

/** A file of moving pictures in the making. It appears under its name whole, after `close`, or not at all. */
export interface FrameWriter extends AsyncDisposable {
  /** Appends a frame; resolves when the next may come, so the memory stays flat. The pixels may be reused afterwards. */
  write(frame: Image): Promise<void>;
  /** Ends the file and puts it in its place. */
  close(): Promise<{ readonly frames: number; readonly seconds: number }>;
  /** Leaves nothing behind. Also what disposing does, unless `close` has been called. */
  abort(): Promise<void>;
}
