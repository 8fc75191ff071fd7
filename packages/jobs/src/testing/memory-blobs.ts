import type { BlobRecord, BlobStore } from "../blob-store.ts";
import { checkPut, checkRange, newBlobId, putCancelled, tooLarge, unknownBlob } from "../check-blob.ts";

/** A blob store in memory, for tests. */
export function memoryBlobs(): BlobStore {
  const blobs = new Map<string, { readonly record: BlobRecord; readonly bytes: Uint8Array }>();
  const known = (id: string) => {
    const found = blobs.get(id);
    if (!found) throw unknownBlob(id);
    return found;
  };
  return {
    async put(source, options) {
      checkPut(options);
      const { mime, tenant, name, limit, signal } = options;
      const parts: Uint8Array[] = [];
      let size = 0;
      for await (const part of source instanceof Uint8Array ? [source] : source) {
        if (signal?.aborted) throw putCancelled();
        size += part.length;
        if (size > limit) throw tooLarge(limit);
        parts.push(part.slice());
      }
      if (signal?.aborted) throw putCancelled();
      const bytes = new Uint8Array(size);
      let offset = 0;
      for (const part of parts) {
        bytes.set(part, offset);
        offset += part.length;
      }
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      const record = { id: newBlobId(), tenant, mime, name, size, sha256, createdAt: Date.now() };
      blobs.set(record.id, { record, bytes });
      return record;
    },
    async describe(id) {
      return blobs.get(id)?.record;
    },
    async get(id) {
      return known(id).bytes.slice();
    },
    async *range(id, range = { start: 0 }) {
      const { record, bytes } = known(id);
      const [start, length] = checkRange(record, range);
      if (length > 0) yield bytes.slice(start, start + length);
    },
    async delete(id) {
      blobs.delete(id);
    },
    async expire(milliseconds, { tenant } = {}) {
      const before = Date.now() - milliseconds;
      const old = [...blobs.values()].filter(
        ({ record }) => record.createdAt <= before && (tenant === undefined || record.tenant === tenant),
      );
      for (const { record } of old) blobs.delete(record.id);
      return old.length;
    },
    async used(tenant) {
      let sum = 0;
      for (const { record } of blobs.values()) if (record.tenant === tenant) sum += record.size;
      return sum;
    },
  };
}
