import { ProsoponError } from "@prosopon/errors";
import type { Frame, StreamEnd, StreamEvent } from "./stream-event.ts";

/** The time that is heard now. `audioClock` makes one of a Web Audio context; any clock in seconds will do. */
export interface PlayClock {
  /** Seconds of the sound that have been heard; the frame with this pts belongs on the screen. */
  now(): number;
  /** Stops and starts the sound when pictures are missing; without them the clock runs on and late frames are dropped. */
  readonly hold?: () => void;
  readonly release?: () => void;
}

export interface PlayReport {
  /** Frames drawn, and those that came too late or were overtaken before they could be. */
  readonly shown: number;
  readonly missed: number;
  /** Frames drawn in the last second of the clock. */
  readonly fps: number;
  /** Picture minus sound in milliseconds (positive: the picture is late), of the last frame, its mean and its worst. */
  readonly offsetMs: { readonly last: number; readonly mean: number; readonly worst: number };
  /** How often the sound waited for pictures. */
  readonly stalls: number;
  /** Decoded frames that wait for their time. */
  readonly buffered: number;
  /** pts of the frame on the screen; undefined before the first. */
  readonly pts?: number;
  readonly end?: StreamEnd;
}

export interface PlayerOptions<Picture> {
  /** What `client.events` gives; frames alone will do. */
  readonly events: AsyncIterable<StreamEvent>;
  readonly clock: PlayClock;
  readonly draw: (picture: Picture, frame: Frame) => void;
  /** Default: `createImageBitmap` of the bytes. */
  readonly decode?: (frame: Frame) => Promise<Picture>;
  /** Called for each picture when it is not needed any more; default: its `close`, where it has one. */
  readonly release?: (picture: Picture) => void;
  /** Frames decoded ahead of their time; default 12. The stream is not asked for more. */
  readonly ahead?: number;
  /** Frames that must wait before the sound goes on after it had to stop; default 4. */
  readonly refill?: number;
  /** Asks to be called at the next repaint; default `requestAnimationFrame`, else every 10 ms. */
  readonly repaint?: (callback: () => void) => unknown;
  /** At every drawn frame and at the end. */
  readonly onReport?: (report: PlayReport) => void;
  /** The stream is made again: what was shown is void. The sound should go back to where the next frame is. */
  readonly onReset?: () => void;
  readonly signal?: AbortSignal;
}

interface Waiting<Picture> {
  readonly frame: Frame;
  readonly picture: Picture;
}

/**
 * Plays frames against a clock by pts: early ones wait, late ones are dropped and counted, and where the clock can be held, the
 * sound waits for a stream that is slower than it. Resolves when the last frame was shown or the signal fires.
 * @throws what the stream throws; ProsoponError `bad-file` if a frame cannot be decoded.
 */
export async function play<Picture = ImageBitmap>(options: PlayerOptions<Picture>): Promise<PlayReport> {
  const { events, clock, draw, ahead = 12, refill = 4, onReport, onReset, signal } = options;
  const decode = options.decode ?? (decodePicture as unknown as (frame: Frame) => Promise<Picture>);
  const release = options.release ?? closePicture;
  const repaint = options.repaint ?? nextRepaint;

  let waiting: Waiting<Picture>[] = [];
  let roomFree = (): void => {};
  let streamEnded = false;
  let failure: { readonly error: unknown } | undefined;
  let end: StreamEnd | undefined;
  let held = false;
  let started = false;
  let [shown, missed, stalls, offsetSum, worst, last] = [0, 0, 0, 0, 0, 0];
  let pts: number | undefined;
  let recent: number[] = [];
  let duration = 0.04;

  const report = (): PlayReport => ({
    shown,
    missed,
    fps: recent.length,
    offsetMs: { last, mean: shown > 0 ? offsetSum / shown : 0, worst },
    stalls,
    buffered: waiting.length,
    ...(pts === undefined ? {} : { pts }),
    ...(end ? { end } : {}),
  });
  const discard = (items: readonly Waiting<Picture>[]): void => {
    for (const { picture } of items) release(picture);
  };
  const hold = (): void => {
    if (held || !clock.hold || !clock.release) return;
    held = true;
    clock.hold();
  };

  /** Draws what the clock asks for. */
  const step = (): void => {
    if (!started || held) {
      if (waiting.length < refill && waiting.length < ahead && !streamEnded) {
        if (!started) hold();
        return;
      }
      if (held) clock.release?.();
      held = false;
      started = true;
    }
    const now = clock.now();
    let due = 0;
    // Half a millisecond of grace keeps rounding from showing a frame one repaint late.
    while (due < waiting.length && waiting[due]!.frame.pts <= now + 0.0005) due += 1;
    if (due > 0) {
      const over = waiting.slice(0, due);
      waiting = waiting.slice(due);
      const newest = over.at(-1)!;
      missed += over.length - 1;
      discard(over.slice(0, -1));
      duration = newest.frame.duration ?? duration;
      last = (now - newest.frame.pts) * 1000;
      // A frame is in time until its successor's turn; one that came later than that would show the past.
      if (now - newest.frame.pts < duration + 0.02 || waiting.length === 0) {
        draw(newest.picture, newest.frame);
        shown += 1;
        pts = newest.frame.pts;
        offsetSum += last;
        worst = Math.abs(last) > Math.abs(worst) ? last : worst;
        recent = [...recent.filter((at) => at > now - 1 && at <= now), now];
      } else missed += 1;
      release(newest.picture);
      roomFree();
      onReport?.(report());
    } else if (waiting.length === 0 && !streamEnded && pts !== undefined && now > pts + 1.5 * duration && clock.hold) {
      stalls += 1;
      hold();
    }
  };

  const fill = async (): Promise<void> => {
    for await (const event of events) {
      if (signal?.aborted) return;
      if (event.type === "end") end = event;
      if (event.type === "reset") {
        discard(waiting);
        waiting = [];
        pts = undefined;
        started = false;
        hold();
        onReset?.();
      }
      if (event.type !== "frame") continue;
      const picture = await decode(event).catch((cause) => {
        throw new ProsoponError("bad-file", `Frame ${event.seq} (${event.mime}) cannot be decoded.`, { cause });
      });
      if (signal?.aborted) return release(picture);
      waiting.push({ frame: event, picture });
      while (waiting.length >= ahead && !signal?.aborted)
        await new Promise<void>((resolve) => {
          roomFree = resolve;
        });
    }
  };

  const filled = fill().then(
    () => {
      streamEnded = true;
    },
    (error: unknown) => {
      failure = { error };
      streamEnded = true;
    },
  );
  await new Promise<void>((resolve) => {
    const tick = (): void => {
      if (signal?.aborted || (streamEnded && waiting.length === 0)) resolve();
      else {
        step();
        repaint(tick);
      }
    };
    tick();
  });
  roomFree();
  discard(waiting);
  waiting = [];
  if (held) clock.release?.();
  if (signal?.aborted) return report();
  await filled;
  if (failure) throw failure.error;
  onReport?.(report());
  return report();
}

const decodePicture = (frame: Frame): Promise<ImageBitmap> =>
  createImageBitmap(new Blob([frame.data], { type: frame.mime }));

function closePicture(picture: unknown): void {
  const close = (picture as { close?: unknown } | null)?.close;
  if (typeof close === "function") close.call(picture);
}

const nextRepaint = (callback: () => void): void => {
  if (typeof requestAnimationFrame === "function") requestAnimationFrame(callback);
  else setTimeout(callback, 10);
};
