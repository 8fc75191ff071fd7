import { bytesOf } from "./base64.ts";
import { positionOf } from "./cursor.ts";
import type { StreamEnd, StreamEvent, StreamGap } from "./stream-event.ts";

/** The subscription behind a stream of frames with their bytes; `reason` has another type in each member, hence the aliases. */
export const frameSubscription = /* GraphQL */ `subscription Frames($jobId: ID!, $after: Cursor, $delivery: Delivery, $maxFps: Float) {
  frames(jobId: $jobId, after: $after, delivery: $delivery, maxFps: $maxFps) {
    __typename
    ... on Frame { epoch seq cursor pts durationMs mime width height data }
    ... on StreamGap { fromSeq toSeq gapReason: reason cursor }
    ... on StreamReset { epoch resetReason: reason cursor }
    ... on StreamEnd { endReason: reason lastSeq cursor error { message } }
  }
}`;

/** One value of the subscription as it comes over the wire. */
export type WireEvent =
  | {
      readonly __typename: "Frame";
      readonly epoch: number;
      readonly seq: number;
      readonly cursor: string;
      readonly pts: number;
      readonly durationMs: number;
      readonly mime: string;
      readonly width: number;
      readonly height: number;
      readonly data: string | null;
    }
  | {
      readonly __typename: "StreamGap";
      readonly fromSeq: number;
      readonly toSeq: number;
      readonly gapReason: StreamGap["reason"];
      readonly cursor: string;
    }
  | {
      readonly __typename: "StreamReset";
      readonly epoch: number;
      readonly resetReason: string;
      readonly cursor: string;
    }
  | {
      readonly __typename: "StreamEnd";
      readonly endReason: StreamEnd["reason"];
      readonly lastSeq: number;
      readonly cursor: string;
      readonly error?: { readonly message: string } | null;
    };

/** A wire value as an event of the stream. */
export function eventOf(wire: WireEvent): StreamEvent {
  const { cursor } = wire;
  switch (wire.__typename) {
    case "Frame": {
      const { epoch, seq, pts, durationMs, mime, width, height, data } = wire;
      const bytes = bytesOf(data ?? "");
      return { type: "frame", epoch, seq, cursor, pts, duration: durationMs / 1000, mime, width, height, data: bytes };
    }
    case "StreamGap": {
      const { fromSeq, toSeq, gapReason } = wire;
      return { type: "gap", epoch: positionOf(cursor).epoch, fromSeq, toSeq, reason: gapReason, cursor };
    }
    case "StreamReset":
      return { type: "reset", epoch: wire.epoch, reason: wire.resetReason, cursor };
    case "StreamEnd": {
      const { endReason, lastSeq, error } = wire;
      const end = { type: "end", epoch: positionOf(cursor).epoch, reason: endReason, lastSeq, cursor } as const;
      return error ? { ...end, message: error.message } : end;
    }
  }
}
