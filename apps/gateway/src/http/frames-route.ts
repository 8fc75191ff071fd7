import type { ServerResponse } from "node:http";
import { type FrameEvent, parseCursor } from "@prosopon/jobs";
import { frameRecord, RECORD_ALIVE } from "../frames/frame-record.ts";
import { openFrames } from "../frames/open-frames.ts";
import { ownedJob } from "../jobs/owned-job.ts";
import { refusal } from "../limits/refusal.ts";
import type { Services } from "../services.ts";
import type { Route } from "./exchange.ts";

/** How often a stream without frames shows that it lives, milliseconds. */
const ALIVE_EVERY = 10_000;

/** Resolves when the response takes more, or the reader is gone: who takes nothing is cut (`cutStalled`). */
const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    if (response.destroyed) return resolve();
    const end = (): void => {
      response.off("drain", end).off("close", end);
      resolve();
    };
    response.on("drain", end).on("close", end);
  });

/**
 * GET /v1/jobs/{id}/frames?after=&delivery=&maxFps=: the stream as binary records (`frameRecord`), pulled as fast as the reader reads. The response ends after the record of
 * the end; one that stops without it was cut, and is to be asked for again after the last cursor.
 */
export const framesRoute =
  (services: Services): Route =>
  async ({ response, url, parameters, principal }) => {
    const job = await ownedJob(services.engine, parameters["job"] ?? "", principal.tenant);
    const query = url.searchParams;
    const delivery = query.get("delivery")?.toLowerCase() ?? "reliable";
    if (delivery !== "reliable" && delivery !== "live")
      throw refusal("BAD_INPUT", "delivery must be reliable or live.");
    const maxFps = query.has("maxFps") ? Number(query.get("maxFps")) : undefined;
    if (maxFps !== undefined && !(maxFps > 0)) throw refusal("BAD_INPUT", "maxFps must be more than 0.");
    const events: AsyncIterableIterator<FrameEvent> = openFrames(services, {
      job,
      principal,
      transport: "binary",
      after: query.get("after") || undefined,
      delivery,
      maxFps,
    });
    const gone = (): void => void events.return?.();
    response.once("close", gone);
    if (response.destroyed) gone();
    response.writeHead(200, {
      "content-type": "application/vnd.prosopon.frames",
      "cache-control": "no-store",
      // nginx would collect a stream otherwise.
      "x-accel-buffering": "no",
    });
    response.flushHeaders();
    const alive = setInterval(() => {
      if (!response.writableNeedDrain) response.write(RECORD_ALIVE);
    }, ALIVE_EVERY);
    try {
      for await (const event of events) {
        const { head, bytes } = frameRecord(event);
        response.cork();
        response.write(head);
        const room = response.write(bytes);
        response.uncork();
        if (!room) await drained(response);
      }
      response.end();
    } finally {
      clearInterval(alive);
      response.off("close", gone);
      await events.return?.();
    }
  };

/** GET /v1/jobs/{id}/frames/{cursor}: one frame as a picture. */
export const oneFrameRoute =
  ({ engine, log, streams }: Services): Route =>
  async ({ response, parameters, principal }) => {
    const job = await ownedJob(engine, parameters["job"] ?? "", principal.tenant);
    const { epoch, seq } = parseCursor(parameters["cursor"] ?? "");
    const head = await log.head(job.id);
    const absent = refusal("NOT_FOUND", "This frame is not there, or no longer.");
    if (seq < 1 || epoch !== head.epoch || seq > head.seq) throw absent;
    const events = streams.admit(log.read(job.id, { after: { epoch, seq: seq - 1 } }), {
      principal,
      transport: "binary",
    });
    try {
      const step = await events.next();
      const event = step.done ? undefined : step.value;
      if (event?.event !== "frame" || event.cursor.epoch !== epoch || event.cursor.seq !== seq) throw absent;
      streams.count(event, "binary");
      response
        .writeHead(200, {
          "content-type": event.mime,
          "content-length": event.bytes.length,
          "cache-control": "private, max-age=600, immutable",
        })
        .end(event.bytes);
    } finally {
      await events.return?.();
    }
  };
