import {
  type Frame,
  type FrameEvent,
  formatCursor,
  type Job,
  type StreamEnd,
  type StreamGap,
  type StreamReset,
} from "@prosopon/jobs";
import { endReasonName, gapReasonName } from "../frames/wire-names.ts";
import type { Builder } from "./builder.ts";
import { digitalSourceType, type JobTypes } from "./job-types.ts";

/** An event of a stream, and the job as it was when the stream was opened or ended. */
export interface EventOf<Event extends FrameEvent = FrameEvent> {
  readonly job: Job;
  readonly event: Event;
}

/** Any of them; `event` tells which. */
export type AnyEventOf = EventOf<Frame> | EventOf<StreamGap> | EventOf<StreamReset> | EventOf<StreamEnd>;

const cursorOf = ({ event }: EventOf): string => formatCursor(event.cursor);
const seconds = 1000;

/** Adds the union `FrameEvent` and its four members. */
export function frameTypes(builder: Builder, { artifact, error }: JobTypes) {
  const cursor = "Where to go on after this event.";
  const frame = builder.objectRef<EventOf<Frame>>("Frame").implement({
    description: "One encoded picture.",
    fields: (t) => ({
      jobId: t.id({ resolve: ({ job }) => job.id }),
      epoch: t.int({ resolve: ({ event }) => event.cursor.epoch }),
      seq: t.int({ description: "From 1 in each epoch.", resolve: ({ event }) => event.cursor.seq }),
      cursor: t.field({ type: "Cursor", description: cursor, resolve: cursorOf }),
      pts: t.float({ description: "When it is shown, seconds.", resolve: ({ event }) => event.pts }),
      durationMs: t.float({ resolve: ({ event }) => event.duration * seconds }),
      mime: t.string({ resolve: ({ event }) => event.mime }),
      width: t.int({ resolve: ({ event }) => event.width }),
      height: t.int({ resolve: ({ event }) => event.height }),
      byteLength: t.int({ resolve: ({ event }) => event.bytes.length }),
      data: t.field({
        type: "Base64",
        nullable: true,
        complexity: 2,
        description: "The picture itself. Many viewers: take the binary stream of `Job.stream` instead.",
        resolve: ({ event }) => event.bytes,
      }),
      url: t.string({
        description: "Path of this frame alone, while the log keeps it.",
        resolve: (of) => `/v1/jobs/${of.job.id}/frames/${cursorOf(of)}`,
      }),
      digitalSourceType: t.string({ resolve: ({ job }) => digitalSourceType(job) }),
    }),
  });
  const gapReason = builder.enumType("GapReason", { values: ["SLOW_CONSUMER", "RETENTION"] as const });
  const gap = builder.objectRef<EventOf<StreamGap>>("StreamGap").implement({
    description: "Frames fromSeq to toSeq, both included, will not come.",
    fields: (t) => ({
      fromSeq: t.int({ resolve: ({ event }) => event.from }),
      toSeq: t.int({ resolve: ({ event }) => event.to }),
      reason: t.field({ type: gapReason, resolve: ({ event }) => gapReasonName(event.reason) }),
      cursor: t.field({ type: "Cursor", description: cursor, resolve: cursorOf }),
    }),
  });
  const reset = builder.objectRef<EventOf<StreamReset>>("StreamReset").implement({
    description: "The stream is made again from its start: discard the frames of older epochs.",
    fields: (t) => ({
      epoch: t.int({ resolve: ({ event }) => event.cursor.epoch }),
      reason: t.string({ resolve: ({ event }) => event.reason }),
      cursor: t.field({ type: "Cursor", description: cursor, resolve: cursorOf }),
    }),
  });
  const endReason = builder.enumType("EndReason", { values: ["COMPLETED", "FAILED", "CANCELLED", "EXPIRED"] as const });
  const end = builder.objectRef<EventOf<StreamEnd>>("StreamEnd").implement({
    description: "The last event. A stream that completes without it was cut: open it again after the last cursor.",
    fields: (t) => ({
      reason: t.field({ type: endReason, resolve: ({ event }) => endReasonName(event.reason) }),
      lastSeq: t.int({ resolve: ({ event }) => event.lastSeq }),
      cursor: t.field({ type: "Cursor", description: cursor, resolve: cursorOf }),
      artifact: t.field({
        type: artifact,
        nullable: true,
        resolve: ({ job, event }) => (event.artifact ? { job, artifact: event.artifact } : null),
      }),
      error: t.field({ type: error, nullable: true, resolve: ({ event }) => event.error ?? null }),
    }),
  });
  const members = { frame, gap, reset, end } as const;
  const union = builder.unionType("FrameEvent", {
    types: [frame, gap, reset, end],
    resolveType: ({ event }) => members[event.event],
  });
  const delivery = builder.enumType("Delivery", {
    description:
      "RELIABLE gives every frame. LIVE goes to the newest when the reader is behind, and says so with a StreamGap.",
    values: { RELIABLE: { value: "reliable" }, LIVE: { value: "live" } } as const,
  });
  return { union, delivery };
}
