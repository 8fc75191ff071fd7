import { type FrameEvent, type Job, parseCursor } from "@prosopon/jobs";
import type { Principal } from "../auth/principal.ts";
import { streamSpan } from "../observe/stream-span.ts";
import type { Services } from "../services.ts";
import { mapEvents } from "./map-events.ts";
import { paceEvents } from "./pace-events.ts";
import type { Transport } from "./stream-desk.ts";
import { thinFrames } from "./thin-frames.ts";

export interface OpenFramesOptions {
  /** The caller has checked whose it is. */
  readonly job: Job;
  readonly principal: Principal;
  readonly transport: Transport;
  /** As text, from the wire. */
  readonly after?: string | undefined;
  readonly delivery?: "reliable" | "live";
  readonly maxFps?: number | undefined;
}

/** A job's events for one reader, counted and bounded. @throws `bad-input` for a cursor that is none. */
export function openFrames(
  { log, limits, streams }: Services,
  { job, principal, transport, after, delivery = "reliable", maxFps }: OpenFramesOptions,
): AsyncIterableIterator<FrameEvent> {
  const source = log.read(job.id, {
    ...(after === undefined ? {} : { after: parseCursor(after) }),
    delivery,
    lag: limits.liveLag,
  });
  const thin = maxFps === undefined ? (event: FrameEvent) => event : thinFrames(maxFps);
  const counted = (event: FrameEvent): FrameEvent | undefined => {
    const kept = thin(event);
    if (kept) streams.count(kept, transport);
    return kept;
  };
  const admitted = streams.admit(mapEvents(paceEvents(source, limits.bytesPerSecond), counted), {
    principal,
    transport,
  });
  return streamSpan(admitted, job, transport);
}
