import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ownedJob } from "../jobs/owned-job.ts";
import { refusal } from "../limits/refusal.ts";
import type { Services } from "../services.ts";
import { byteRange } from "./byte-range.ts";
import type { Route } from "./exchange.ts";

/** GET and HEAD /v1/jobs/{id}/artifact: the finished file, whole or in ranges. `?download` asks the browser to save it. */
export const artifactRoute =
  ({ engine, blobs }: Services): Route =>
  async ({ request, response, url, parameters, principal }) => {
    const { artifact } = await ownedJob(engine, parameters["job"] ?? "", principal.tenant);
    const record = artifact && (await blobs.describe(artifact.blob));
    if (!record || record.tenant !== principal.tenant)
      throw refusal("NOT_FOUND", "The job has no artifact, or no longer.");
    const tag = `"${record.sha256}"`;
    const name = record.name.replace(/[^A-Za-z0-9._-]/g, "_");
    const headers: Record<string, string | number> = {
      "content-type": record.mime,
      "content-disposition": `${url.searchParams.has("download") ? "attachment" : "inline"}; filename="${name}"`,
      "accept-ranges": "bytes",
      "cache-control": "private, no-cache",
      etag: tag,
    };
    if (request.headers["if-none-match"] === tag) {
      response.writeHead(304, headers).end();
      return;
    }
    const condition = request.headers["if-range"];
    const range =
      condition === undefined || condition === tag ? byteRange(request.headers.range, record.size) : undefined;
    if (range === "unsatisfiable") {
      response.setHeader("content-range", `bytes */${record.size}`);
      throw refusal("RANGE", `The file has ${record.size} bytes.`);
    }
    if (range) headers["content-range"] = `bytes ${range.start}-${range.end}/${record.size}`;
    headers["content-length"] = range ? range.end - range.start + 1 : record.size;
    response.writeHead(range ? 206 : 200, headers);
    if (request.method === "HEAD" || record.size === 0) {
      response.end();
      return;
    }
    // A viewer who leaves in the middle is no error.
    await pipeline(Readable.from(blobs.range(record.id, range)), response).catch(() => response.destroy());
  };
