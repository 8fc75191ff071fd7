import type { FrameEvent } from "@prosopon/jobs";

/** A filter that lets through at most `fps` frames in a second of the stream's own time, and every other event. */
export function thinFrames(fps: number): (event: FrameEvent) => FrameEvent | undefined {
  let next = Number.NEGATIVE_INFINITY;
  return (event) => {
    if (event.event === "reset") next = Number.NEGATIVE_INFINITY;
    if (event.event !== "frame") return event;
    // A hundredth of a frame of slack: pts are multiples of a duration that is no binary fraction.
    if (event.pts < next - 0.01 / fps) return undefined;
    next = Math.max(next + 1 / fps, event.pts + 0.5 / fps);
    return event;
  };
}
