import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { BlobStore, FrameLog, JobEngine } from "@prosopon/jobs";
import { embeddedJobs, folderBlobs } from "@prosopon/jobs/node";
import type { Context } from "../context.ts";
import { homeFolder } from "../model-folders.ts";
import type { ServeConfig } from "./serve-config.ts";

export interface OpenJobs extends AsyncDisposable {
  readonly engine: JobEngine;
  readonly log: FrameLog;
  readonly blobs: BlobStore;
  /** Of uploads, artifacts and runs. */
  readonly folder: string;
}

/** The engine, the frame log and the store of files that a configuration asks for: in this process, or in Redis. */
export async function openJobs(
  context: Context,
  { redis, data, dataKey }: Pick<ServeConfig, "redis" | "data" | "dataKey">,
  trouble: (error: Error) => void,
): Promise<OpenJobs> {
  const folder = resolve(data ?? join(homeFolder(context), "jobs"));
  const blobFolder = join(folder, "blobs");
  // Faces and voices: for this user alone.
  await mkdir(blobFolder, { recursive: true, mode: 0o700 });
  const blobs = folderBlobs(blobFolder, dataKey === undefined ? {} : { key: Buffer.from(dataKey, "hex") });
  if (redis === undefined) {
    const jobs = embeddedJobs();
    return {
      engine: jobs.engine,
      log: jobs.log,
      blobs,
      folder,
      [Symbol.asyncDispose]: () => jobs[Symbol.asyncDispose](),
    };
  }
  // Loaded only when asked for: without Redis nothing of it is needed.
  const { redisJobs } = await import("@prosopon/jobs/redis");
  const jobs = redisJobs({ url: redis, onError: trouble });
  return {
    engine: jobs.engine,
    log: jobs.log,
    blobs,
    folder,
    [Symbol.asyncDispose]: () => jobs[Symbol.asyncDispose](),
  };
}
