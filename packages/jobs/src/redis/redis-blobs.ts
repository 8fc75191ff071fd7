import { createHash } from "node:crypto";
import { ProsoponError } from "@prosopon/errors";
import { Redis } from "ioredis";
import type { BlobRecord, BlobStore } from "../blob-store.ts";
import { checkPut, checkRange, newBlobId, putCancelled, tooLarge, unknownBlob } from "../check-blob.ts";
import { buffer } from "./script.ts";

export interface RedisBlobsOptions {
  readonly url: string;
  /** Before every key; default "prosopon". */
  readonly prefix?: string;
  /** Largest file, whatever `put` allows: it is held in Redis's memory. Default 64 MiB. */
  readonly largest?: number;
  /** Told of lost connections; they are made again. */
  readonly onError?: (error: Error) => void;
}

/** Bytes of a piece, which is one field of a hash. */
const piece = 256 * 1024;

/**
 * A blob store in Redis, for hosts that share no folder. Files lie in its memory, so keep them few and small, and let them `expire`;
 * a shared folder with `folderBlobs` does better for long videos.
 */
export function redisBlobs(options: RedisBlobsOptions): BlobStore & AsyncDisposable {
  const { url, prefix = "prosopon", largest = 64 * 2 ** 20, onError = () => {} } = options;
  const redis = new Redis(url, { maxRetriesPerRequest: null });
  redis.on("error", onError);
  const data = (id: string): string => `${prefix}:blob:{${id}}:data`;
  const meta = (id: string): string => `${prefix}:blob:{${id}}:meta`;
  const all = `${prefix}:blobs`;

  async function describe(id: string): Promise<BlobRecord | undefined> {
    const text = /^[a-z0-9]{32}$/.test(id) ? await redis.get(meta(id)) : null;
    return text === null ? undefined : (JSON.parse(text) as BlobRecord);
  }
  async function known(id: string): Promise<BlobRecord> {
    const record = await describe(id);
    if (!record) throw unknownBlob(id);
    return record;
  }
  async function remove(id: string): Promise<void> {
    if (/^[a-z0-9]{32}$/.test(id)) await redis.multi().del(meta(id), data(id)).zrem(all, id).exec();
  }
  async function records(before = "+inf"): Promise<readonly BlobRecord[]> {
    const ids = await redis.zrangebyscore(all, "-inf", before);
    const texts = ids.length === 0 ? [] : await redis.mget(ids.map(meta));
    return texts.filter((text) => text !== null).map((text) => JSON.parse(text) as BlobRecord);
  }

  async function* range(id: string, wanted = { start: 0 } as { readonly start: number; readonly end?: number }) {
    const [start, length] = checkRange(await known(id), wanted);
    for (let at = start; at < start + length; ) {
      const number = Math.floor(at / piece);
      const bytes = await redis.hgetBuffer(data(id), String(number));
      if (!bytes) throw unknownBlob(id);
      const to = Math.min(bytes.length, start + length - number * piece);
      yield new Uint8Array(bytes.subarray(at - number * piece, to));
      at = number * piece + to;
    }
  }

  return {
    async put(source, putOptions) {
      checkPut(putOptions);
      const { mime, tenant, name, signal } = putOptions;
      const limit = Math.min(putOptions.limit, largest);
      const id = newBlobId();
      const hash = createHash("sha256");
      let size = 0;
      let pieces = 0;
      let rest = new Uint8Array(0);
      const write = async (bytes: Uint8Array): Promise<void> => {
        // What an upload that broke off leaves goes by itself.
        await redis.multi().hset(data(id), String(pieces++), buffer(bytes)).expire(data(id), 3600).exec();
      };
      try {
        for await (const part of source instanceof Uint8Array ? [source] : source) {
          if (signal?.aborted) throw putCancelled();
          size += part.length;
          if (size > limit) throw tooLarge(limit);
          hash.update(part);
          const joined = new Uint8Array(rest.length + part.length);
          joined.set(rest);
          joined.set(part, rest.length);
          let at = 0;
          for (; joined.length - at >= piece; at += piece) await write(joined.subarray(at, at + piece));
          rest = joined.slice(at);
        }
        if (signal?.aborted) throw putCancelled();
        if (rest.length > 0) await write(rest);
      } catch (cause) {
        await redis.del(data(id)).catch(() => {});
        if (cause instanceof ProsoponError) throw cause;
        throw new ProsoponError("output", `The file "${name}" could not be kept.`, { values: { name, size }, cause });
      }
      const record = { id, tenant, mime, name, size, sha256: hash.digest("hex"), createdAt: Date.now() };
      await redis
        .multi()
        .persist(data(id))
        .set(meta(id), JSON.stringify(record))
        .zadd(all, record.createdAt, id)
        .exec();
      return record;
    },
    describe,
    async get(id) {
      const { size } = await known(id);
      const bytes = new Uint8Array(size);
      let at = 0;
      for await (const part of range(id)) {
        bytes.set(part, at);
        at += part.length;
      }
      return bytes;
    },
    range,
    delete: remove,
    async expire(milliseconds, { tenant } = {}) {
      const old = await records(String(Date.now() - milliseconds));
      const chosen = old.filter((one) => tenant === undefined || one.tenant === tenant);
      for (const { id } of chosen) await remove(id);
      return chosen.length;
    },
    async used(tenant) {
      return (await records()).reduce((sum, one) => sum + (one.tenant === tenant ? one.size : 0), 0);
    },
    async [Symbol.asyncDispose]() {
      redis.disconnect();
    },
  };
}
