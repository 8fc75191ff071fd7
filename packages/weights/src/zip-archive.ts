import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createInflateRaw } from "node:zlib";
import { ProsoponError } from "@prosopon/errors";
import * as yauzl from "yauzl";
import { crc32 } from "./crc32.ts";
import type { RandomAccessFile } from "./random-access-file.ts";

/** One member of a ZIP archive, not yet read. */
export interface ZipMember {
  readonly name: string;
  /** Bytes once inflated, as the directory says. */
  readonly size: number;
  /** Where its bytes lie in the file, if they are stored uncompressed. */
  position(): Promise<number | undefined>;
  /**
   * Its bytes in pieces, inflated as they come and never more than `size`.
   * The checksum is compared at the end, so nothing may be trusted before the last piece.
   * @throws `bad-file` for damage.
   */
  content(signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined>;
}

const bad = (message: string, values: Record<string, unknown> = {}, cause?: unknown): ProsoponError =>
  new ProsoponError("bad-file", `Cannot read the ZIP archive: ${message}`, { values, cause });

const wrapped = (error: unknown): ProsoponError =>
  error instanceof ProsoponError ? error : bad(`${(error as Error).message}.`, {}, error);

/** DEFLATE cannot shrink more than this, so a larger ratio is a lie told to make us allocate. */
const bestRatio = 1032;
const mostMembers = 1_000_000;

function readerOf(file: RandomAccessFile): yauzl.RandomAccessReader {
  const reader = new (yauzl.RandomAccessReader as unknown as new () => yauzl.RandomAccessReader)();
  // yauzl's own file reader throws past the promise for positions that a hostile directory names; ours checks them.
  reader.read = (buffer, offset, length, position, callback: (error: Error | null, bytesRead?: number) => void) => {
    const target = buffer.subarray(offset, offset + length);
    file.fill(target, position).then(
      () => callback(null, length),
      (error: Error) => callback(error),
    );
  };
  return reader;
}

async function* inflate(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const source = Readable.from(compressed);
  const inflater = createInflateRaw();
  const finished = pipeline(source, inflater).catch(() => undefined); // the iteration below throws the same error
  try {
    for await (const chunk of inflater) yield chunk as Uint8Array;
  } finally {
    source.destroy();
    inflater.destroy();
    await finished;
  }
}

function memberOf(file: RandomAccessFile, zip: yauzl.ZipFile, entry: yauzl.Entry): ZipMember {
  const { fileName: name, uncompressedSize: size, compressedSize, compressionMethod: method } = entry;
  if (entry.isEncrypted()) throw bad(`the member "${name}" is encrypted.`, { name });
  if (method !== 0 && method !== 8)
    throw bad(`the member "${name}" uses the compression method ${method}.`, { name, method });
  if (size > compressedSize * bestRatio + 64)
    throw bad(`the member "${name}" claims ${size} bytes out of ${compressedSize}.`, { name, size, compressedSize });
  const start = async (): Promise<number> => {
    try {
      return (await zip.readLocalFileHeaderPromise(entry, { minimal: true })).fileDataStart;
    } catch (error) {
      throw wrapped(error);
    }
  };
  return {
    name,
    size,
    position: async () => (method === 0 ? start() : undefined),
    async *content(signal) {
      const stored = file.chunks(await start(), compressedSize, signal);
      let crc = 0;
      let length = 0;
      try {
        for await (const chunk of method === 0 ? stored : inflate(stored)) {
          length += chunk.length;
          if (length > size)
            throw bad(`the member "${name}" is longer than the ${size} bytes that it claims.`, { name, size });
          crc = crc32(chunk, crc);
          yield chunk;
        }
      } catch (error) {
        throw wrapped(error);
      }
      if (length !== size)
        throw bad(`the member "${name}" has ${length} bytes instead of ${size}.`, { name, size, length });
      if (crc !== entry.crc32)
        throw bad(`the checksum of the member "${name}" does not match; the file is damaged.`, { name });
    },
  };
}

/**
 * The directory of a ZIP archive. Nothing is ever extracted to a path.
 * @throws `bad-file` for damage, unsafe or repeated names, encryption and unknown compression.
 */
export async function readZip(file: RandomAccessFile): Promise<ReadonlyMap<string, ZipMember>> {
  const members = new Map<string, ZipMember>();
  try {
    const zip = await yauzl.fromRandomAccessReaderPromise(readerOf(file), file.size, {
      autoClose: false,
      strictFileNames: true,
    });
    if (zip.entryCount > mostMembers) throw bad(`it claims ${zip.entryCount} members.`);
    for await (const entry of zip.eachEntry()) {
      if (members.has(entry.fileName))
        throw bad(`it has two members named "${entry.fileName}".`, { name: entry.fileName });
      members.set(entry.fileName, memberOf(file, zip, entry));
    }
  } catch (error) {
    throw wrapped(error);
  }
  return members;
}
