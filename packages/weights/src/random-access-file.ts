import { type FileHandle, open } from "node:fs/promises";
import { ProsoponError } from "@prosopon/errors";
import { checkSignal } from "./check-signal.ts";

/** A file open for reading at any place, by several readers at once. */
export interface RandomAccessFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Fills `target` from `position` on. @throws `bad-file` when the file ends before. */
  fill(target: Uint8Array, position: number, signal?: AbortSignal): Promise<void>;
  /** `length` bytes from `position` on, in new buffers of at most 1 MiB. */
  chunks(position: number, length: number, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined>;
  close(): Promise<void>;
}

const mebibyte = 1 << 20;
/** One read: a signal is looked at between two. */
const longestRead = 64 * mebibyte;

const cannot = (verb: string, file: string, cause: unknown): ProsoponError => {
  const missing = ["ENOENT", "ENOTDIR"].includes((cause as NodeJS.ErrnoException).code ?? "");
  const message = missing ? `There is no file ${file}.` : `Cannot ${verb} ${file}: ${(cause as Error).message}.`;
  return new ProsoponError(missing ? "not-found" : "unavailable", message, { values: { file }, cause });
};

/** @throws `not-found` without such a file, `bad-file` if it is no regular file, `unavailable` if it cannot be opened. */
export async function openRandomAccess(path: string): Promise<RandomAccessFile> {
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (cause) {
    throw cannot("open", path, cause);
  }
  const stat = await handle.stat();
  if (!stat.isFile()) {
    await handle.close();
    throw new ProsoponError("bad-file", `${path} is not a file.`, { values: { file: path } });
  }
  const fill = async (target: Uint8Array, position: number, signal?: AbortSignal): Promise<void> => {
    const ends = new ProsoponError(
      "bad-file",
      `${path} has ${stat.size} bytes; ${target.length} are needed from byte ${position} on.`,
      {
        values: { file: path, size: stat.size, position, length: target.length },
      },
    );
    if (!Number.isSafeInteger(position) || position < 0 || position + target.length > stat.size) throw ends;
    for (let done = 0; done < target.length; ) {
      checkSignal(signal);
      const length = Math.min(longestRead, target.length - done);
      const { bytesRead } = await handle.read(target, done, length, position + done).catch((cause) => {
        throw cannot("read", path, cause);
      });
      if (bytesRead === 0) throw ends;
      done += bytesRead;
    }
  };
  return {
    path,
    size: stat.size,
    fill,
    async *chunks(position, length, signal) {
      for (let done = 0; done < length; ) {
        const chunk = new Uint8Array(Math.min(mebibyte, length - done));
        await fill(chunk, position + done, signal);
        yield chunk;
        done += chunk.length;
      }
    },
    close: () => handle.close(),
  };
}
