import type { Route } from "../http/exchange.ts";
import { sendJson } from "../http/send.ts";
import { ownedJob } from "../jobs/owned-job.ts";
import { refusal } from "../limits/refusal.ts";
import type { Services } from "../services.ts";
import { soundFeeder } from "./sound-feeder.ts";

/**
 * POST /v1/jobs/{id}/audio: the body, as it comes in, is speech for a running job (float32 little-endian, 16 kHz, one channel, content type
 * application/octet-stream). Its end is the end of the sound, unless `?more` says that another request follows. Answers `{ samples }`.
 */
export const soundRoute =
  ({ engine, limits }: Services): Route =>
  async ({ request, response, url, parameters, principal }) => {
    const job = await ownedJob(engine, parameters["job"] ?? "", principal.tenant);
    if (request.headers["content-type"] !== "application/octet-stream")
      throw refusal("UNSUPPORTED", "Send float32 samples with the content type application/octet-stream.");
    const controller = new AbortController();
    response.once("close", () => controller.abort(refusal("CONFLICT", "The caller is gone.")));
    const feeder = soundFeeder({ engine, job: job.id, seconds: limits.audioSeconds, signal: controller.signal });
    let bytes = 0;
    // Not destroyed on the way out: then no answer would reach the caller.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      await feeder.feed(chunk);
    }
    if (!url.searchParams.has("more")) await feeder.end();
    sendJson(response, 200, { samples: Math.floor(bytes / 4) });
  };
