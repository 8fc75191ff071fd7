import type { Redis } from "ioredis";
import type { Keys } from "./keys.ts";
import * as scripts from "./log-scripts.ts";
import { type JobAndStream, readJob } from "./read-job.ts";
import { list, type Reply, word } from "./script.ts";

/** A job as it stands, and the entries of its log after `from` ("" for none). */
export async function lookJob(
  redis: Redis,
  keys: Keys,
  id: string,
  from = "",
  count = 0,
): Promise<Partial<JobAndStream> & { readonly entries: Reply | undefined }> {
  const [hash, logged, entries] = list(await scripts.look(redis, [keys.meta(id), keys.log(id)], [from, count]));
  const flat = list(hash);
  const fields = new Map<string, string>();
  for (let i = 0; i < flat.length; i += 2) fields.set(word(flat[i]), word(flat[i + 1]));
  return { ...readJob(id, fields, logged === 1), entries };
}
