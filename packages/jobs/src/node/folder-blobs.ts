import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isProsoponError, ProsoponError } from "@prosopon/errors";
import type { BlobRecord, BlobStore } from "../blob-store.ts";
import { checkPut, checkRange, newBlobId, putCancelled, tooLarge, unknownBlob } from "../check-blob.ts";
import { sealedFile } from "./sealed-file.ts";

export interface FolderBlobsOptions {
  /** 32 bytes: files are sealed with it (see `sealedFile`). Those from before there was a key can still be read. */
  readonly key?: Uint8Array;
}

/**
 * A blob store in a folder, which several processes may share: `<id>.blob`, or `<id>.sealed` where there is a key, and, written last,
 * `<id>.json`. Both appear whole, and a file exists once its record does.
 */
export function folderBlobs(folder: string, { key }: FolderBlobsOptions = {}): BlobStore {
  if (key && key.length !== 32)
    throw new ProsoponError("bad-input", `A key for stored files has 32 bytes, not ${key.length}.`, {
      values: { length: key.length },
    });
  const written = key ? "sealed" : "blob";
  const path = (id: string, ending: string): string => join(folder, `${id}.${ending}`);
  // Records never change, so each is read once.
  const cache = new Map<string, BlobRecord>();

  async function describe(id: string): Promise<BlobRecord | undefined> {
    if (!/^[a-z0-9]{32}$/.test(id)) return undefined;
    const text = await readFile(path(id, "json"), "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    return text === undefined ? undefined : (JSON.parse(text) as BlobRecord);
  }

  async function known(id: string): Promise<BlobRecord> {
    const record = await describe(id);
    if (!record) throw unknownBlob(id);
    return record;
  }

  async function all(): Promise<readonly BlobRecord[]> {
    const files = await readdir(folder).catch(() => [] as string[]);
    const ids = new Set(files.filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -5)));
    for (const id of cache.keys()) if (!ids.has(id)) cache.delete(id);
    for (const id of ids) {
      const record = cache.get(id) ?? (await describe(id));
      if (record) cache.set(id, record);
    }
    return [...cache.values()];
  }

  async function* read(id: string, start: number, length: number): AsyncGenerator<Uint8Array, void, undefined> {
    if (length === 0) return;
    const sealed = await access(path(id, "sealed")).then(
      () => true,
      () => false,
    );
    if (!sealed) yield* createReadStream(path(id, "blob"), { start, end: start + length - 1 });
    else if (key) yield* sealedFile(key, id).unseal(path(id, "sealed"), start, length);
    else
      throw new ProsoponError("unavailable", "A stored file is sealed, and there is no key.", {
        mend: "Give the key that it was stored with.",
      });
  }

  async function remove(id: string): Promise<void> {
    if (!/^[a-z0-9]{32}$/.test(id)) return;
    cache.delete(id);
    for (const ending of ["json", "blob", "sealed"]) await rm(path(id, ending), { force: true });
  }

  /** Deletes what a process that was killed in the middle of a `put` or a `delete` left behind. */
  async function sweepUnfinished(before: number): Promise<void> {
    const files = new Set(await readdir(folder).catch(() => [] as string[]));
    for (const file of files) {
      const bytes = /\.(blob|sealed)$/.exec(file);
      const known = file.endsWith(".json") || (bytes && files.has(`${file.slice(0, bytes.index)}.json`));
      if (known || !/^[a-z0-9]{32}\./.test(file)) continue;
      const entry = await stat(join(folder, file)).catch(() => undefined);
      if (entry && entry.mtimeMs <= before) await rm(join(folder, file), { force: true });
    }
  }

  return {
    async put(source, options) {
      checkPut(options);
      const { mime, tenant, name, limit, signal } = options;
      const id = newBlobId();
      await mkdir(folder, { recursive: true });
      const hash = createHash("sha256");
      let size = 0;
      async function* counted() {
        for await (const part of source instanceof Uint8Array ? [source] : source) {
          if (signal?.aborted) throw putCancelled();
          size += part.length;
          if (size > limit) throw tooLarge(limit);
          hash.update(part);
          yield part;
        }
      }
      try {
        const handle = await open(path(id, "part"), "wx", 0o600);
        try {
          for await (const part of key ? sealedFile(key, id).seal(counted()) : counted()) await handle.writeFile(part);
        } finally {
          await handle.close();
        }
        if (signal?.aborted) throw putCancelled();
        const record = { id, tenant, mime, name, size, sha256: hash.digest("hex"), createdAt: Date.now() };
        await rename(path(id, "part"), path(id, written));
        await writeFile(path(id, "json.part"), JSON.stringify(record), { mode: 0o600 });
        await rename(path(id, "json.part"), path(id, "json"));
        return record;
      } catch (cause) {
        for (const ending of ["part", "json.part", written]) await rm(path(id, ending), { force: true });
        if (isProsoponError(cause)) throw cause;
        if (signal?.aborted) throw putCancelled();
        throw new ProsoponError("output", `The file "${name}" could not be kept.`, { values: { name, size }, cause });
      }
    },
    describe,
    async get(id) {
      const { size } = await known(id);
      const bytes = new Uint8Array(size);
      let at = 0;
      for await (const part of read(id, 0, size)) {
        bytes.set(part, at);
        at += part.length;
      }
      return bytes;
    },
    async *range(id, range = { start: 0 }) {
      const [start, length] = checkRange(await known(id), range);
      yield* read(id, start, length);
    },
    delete: remove,
    async expire(milliseconds, { tenant } = {}) {
      const before = Date.now() - milliseconds;
      const old = (await all()).filter(
        (one) => one.createdAt <= before && (tenant === undefined || one.tenant === tenant),
      );
      for (const { id } of old) await remove(id);
      if (tenant === undefined) await sweepUnfinished(before);
      return old.length;
    },
    async used(tenant) {
      return (await all()).reduce((sum, one) => sum + (one.tenant === tenant ? one.size : 0), 0);
    },
  };
}
