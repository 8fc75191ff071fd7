import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import { open } from "node:fs/promises";
import { ProsoponError } from "@prosopon/errors";

/** Bytes of a segment, and of the tag after it. */
const segment = 64 * 1024;
const tag = 16;

/** A file that only who has the key can read, or change without being found out. */
export interface SealedFile {
  /** Its bytes, for a source of plain ones. */
  seal(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined>;
  /** A part of what was sealed into the file at `path`. @throws `bad-file` for another key, and for a file that was changed. */
  unseal(path: string, start: number, length: number): AsyncGenerator<Uint8Array, void, undefined>;
}

/**
 * AES-256-GCM in segments of 64 KiB, so that a part can be read alone. Each file has a key of its own (HKDF of the key and the file's id), so the
 * segment's number can be the nonce: none ever comes twice under one key.
 */
export function sealedFile(key: Uint8Array, id: string): SealedFile {
  const own = new Uint8Array(hkdfSync("sha256", key, id, "prosopon/blob", 32));
  const nonce = (index: number): Uint8Array => {
    const bytes = new Uint8Array(12);
    new DataView(bytes.buffer).setUint32(8, index);
    return bytes;
  };
  function sealed(plain: Uint8Array, index: number): Uint8Array {
    const cipher = createCipheriv("aes-256-gcm", own, nonce(index));
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }
  function opened(bytes: Uint8Array, index: number): Uint8Array {
    try {
      const decipher = createDecipheriv("aes-256-gcm", own, nonce(index));
      decipher.setAuthTag(bytes.subarray(-tag));
      return Buffer.concat([decipher.update(bytes.subarray(0, -tag)), decipher.final()]);
    } catch (cause) {
      throw new ProsoponError("bad-file", "A stored file was changed, or sealed with another key.", { cause });
    }
  }

  return {
    async *seal(source) {
      let waiting = Buffer.alloc(0);
      let index = 0;
      for await (const part of source) {
        waiting = Buffer.concat([waiting, part]);
        for (; waiting.length >= segment; waiting = waiting.subarray(segment))
          yield sealed(waiting.subarray(0, segment), index++);
      }
      if (waiting.length > 0) yield sealed(waiting, index);
    },
    async *unseal(path, start, length) {
      const file = await open(path);
      try {
        const bytes = new Uint8Array(segment + tag);
        for (let at = start; at < start + length; ) {
          const index = Math.floor(at / segment);
          const { bytesRead } = await file.read(bytes, 0, bytes.length, index * bytes.length);
          const from = at - index * segment;
          const part = opened(bytes.subarray(0, bytesRead), index).subarray(from, from + start + length - at);
          if (part.length === 0) throw new ProsoponError("bad-file", "A stored file is shorter than it was.");
          at += part.length;
          yield part;
        }
      } finally {
        await file.close();
      }
    },
  };
}
