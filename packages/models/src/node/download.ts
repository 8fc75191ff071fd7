import { createReadStream } from "node:fs";
import { mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { isProsoponError, ProsoponError } from "@prosopon/errors";
import type { OnProgress } from "@prosopon/weights";
import { sha256 as hashOf } from "@prosopon/weights/node";

export interface DownloadOptions {
  readonly url: string;
  /** Where it shall lie. */
  readonly file: string;
  readonly sha256: string;
  /** Bytes, where they are known: another length is refused at once. */
  readonly bytes?: number | undefined;
  /** Use only what lies there already. */
  readonly offline?: boolean | undefined;
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Source {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Byte of the whole with which the chunks begin: 0 where the server starts anew. */
  readonly from: number;
  /** Bytes of the whole; 0 if unknown. */
  readonly total: number;
  /** What tells this version of the file from another. */
  readonly version: string;
}

const cannot = (url: string, reason: string, cause?: unknown): ProsoponError =>
  new ProsoponError("unavailable", `${url} cannot be downloaded: ${reason}.`, {
    values: { url },
    mend: "Try again: what has arrived is kept.",
    cause,
  });

async function fromFile(url: string, from: number): Promise<Source> {
  const path = fileURLToPath(url);
  const entry = await stat(path).catch((cause) => {
    throw new ProsoponError("not-found", `There is no file ${path}.`, { values: { url }, cause });
  });
  const start = from <= entry.size ? from : 0;
  return { chunks: createReadStream(path, { start }), from: start, total: entry.size, version: `${entry.mtimeMs}` };
}

/** Asks for the rest from byte `from` on, unless the file has become another since (If-Range). */
async function fromNetwork(url: string, from: number, version: string, signal?: AbortSignal): Promise<Source> {
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (from > 0) {
    headers["range"] = `bytes=${from}-`;
    if (version !== "") headers["if-range"] = version;
  }
  let response: Response;
  try {
    response = await fetch(url, { headers, ...(signal ? { signal } : {}) });
  } catch (cause) {
    throw cannot(
      url,
      cause instanceof Error ? String(cause.cause ?? cause.message).split("\n")[0]! : "no answer",
      cause,
    );
  }
  if (response.status === 416) {
    await response.body?.cancel();
    return fromNetwork(url, 0, "", signal);
  }
  if (!response.ok || !response.body) throw cannot(url, `the server answers ${response.status} ${response.statusText}`);
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get("content-range") ?? "");
  const resumed = response.status === 206 && range !== null;
  if (response.status === 206 && (!range || Number(range[1]) !== from))
    throw cannot(url, "the server sent another part than asked for");
  return {
    chunks: bodyOf(response),
    from: resumed ? from : 0,
    total: resumed ? Number(range[2]) : Number(response.headers.get("content-length") ?? 0),
    version: response.headers.get("etag") ?? response.headers.get("last-modified") ?? "",
  };
}

/** Holds on to the response: fetch cancels a body that nobody reads yet once its response has been collected. */
async function* bodyOf(response: Response): AsyncGenerator<Uint8Array, void, undefined> {
  yield* response.body as unknown as AsyncIterable<Uint8Array>;
}

const isWhole = async (file: string, sha256: string, signal?: AbortSignal): Promise<boolean> =>
  (await stat(file).catch(() => undefined)) !== undefined && (await hashOf(file, { signal })) === sha256;

/**
 * Brings a file here. What has arrived of it waits in `<file>.part`, so that the same call goes on where an earlier one stopped; the file
 * appears only with the right sha256. A file that is already here is not asked for.
 * @throws `unavailable` when it cannot be had, `bad-file` for another content than promised, `not-found`, `output`, `cancelled`.
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { url, file, sha256, bytes, offline = false, onProgress, signal } = options;
  if (await isWhole(file, sha256, signal)) return;
  if (offline && !url.startsWith("file:"))
    throw new ProsoponError("unavailable", `${url} is not in the cache (${file}).`, {
      values: { url, file },
      mend: "Run it once without --offline.",
    });
  const [part, note] = [`${file}.part`, `${file}.part.version`];
  try {
    await mkdir(dirname(file), { recursive: true });
    const here = (await stat(part).catch(() => undefined))?.size ?? 0;
    const version = await readFile(note, "utf8").catch(() => "");
    const source = url.startsWith("file:")
      ? await fromFile(url, version === "" ? 0 : here)
      : await fromNetwork(url, here, version, signal);
    if (bytes !== undefined && source.total > 0 && source.total !== bytes)
      throw new ProsoponError("bad-file", `${url} has ${source.total} bytes, not ${bytes}.`, {
        values: { url, bytes: source.total, expected: bytes },
        mend: "The address leads to another file than it should.",
      });
    const restarted = source.from === 0 || (url.startsWith("file:") && version !== source.version);
    await receive(restarted && source.from > 0 ? await fromFile(url, 0) : source, { ...options, part, note });
    const found = await hashOf(part, { signal });
    if (found !== sha256) {
      await rm(part, { force: true });
      await rm(note, { force: true });
      throw new ProsoponError("bad-file", `${url} has the sha256 ${found}, not ${sha256}.`, {
        values: { url, sha256: found, expected: sha256 },
        mend: "It was damaged on the way or is another file; what arrived was thrown away.",
      });
    }
    await rename(part, file);
    await rm(note, { force: true });
  } catch (error) {
    if (signal?.aborted)
      throw new ProsoponError("cancelled", "The download was cancelled; what has arrived is kept.", { cause: error });
    if (isProsoponError(error)) throw error;
    throw new ProsoponError("output", `${file} cannot be written: ${(error as Error).message}.`, {
      values: { file },
      cause: error,
    });
  }
  onProgress?.({ done: 1, total: 1 });
}

async function receive(
  { chunks, from, total, version }: Source,
  { url, bytes, part, note, onProgress, signal }: DownloadOptions & { readonly part: string; readonly note: string },
): Promise<void> {
  await writeFile(note, version);
  const handle = await open(part, from > 0 ? "r+" : "w");
  try {
    let done = from;
    const whole = bytes ?? total;
    try {
      for await (const chunk of chunks) {
        if (signal?.aborted) throw signal.reason;
        for (let at = 0; at < chunk.length; )
          at += (await handle.write(chunk, at, chunk.length - at, done + at)).bytesWritten;
        done += chunk.length;
        if (whole > 0 && done > whole) throw cannot(url, `more than the promised ${whole} bytes arrive`);
        onProgress?.({ done, total: whole > 0 ? whole : done });
      }
    } catch (error) {
      if (isProsoponError(error) || signal?.aborted) throw error;
      throw cannot(url, `it broke off after ${done} bytes`, error);
    }
    if (whole > 0 && done < whole) throw cannot(url, `it broke off after ${done} of ${whole} bytes`);
    await handle.truncate(done);
  } finally {
    await handle.close();
  }
}
