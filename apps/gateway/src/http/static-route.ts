import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { refusal } from "../limits/refusal.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".webp": "image/webp",
  ".ico": "image/x-icon",
  ".wasm": "application/wasm",
  ".wav": "audio/wav",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
  ".txt": "text/plain; charset=utf-8",
};

/** Everything from here, nothing from elsewhere, no inline script. */
const POLICY =
  "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self' ws: wss:; worker-src 'self' blob:; " +
  "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Serves the files of a folder, of known kinds only; "/" is its index.html. @throws a refusal `NOT_FOUND`. */
export async function sendStatic(
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  const absent = refusal("NOT_FOUND", "There is no such page.");
  if (request.method !== "GET" && request.method !== "HEAD") throw absent;
  let name: string;
  try {
    name = decodeURIComponent(path);
  } catch {
    throw absent;
  }
  if (name.endsWith("/")) name += "index.html";
  const type = types[extname(name).toLowerCase()];
  // No folder or file that begins with a dot, so no way up either.
  if (!type || /[\\\0]|(^|\/)\./.test(name)) throw absent;
  const root = await realpath(folder).catch(() => undefined);
  const file = root && (await realpath(join(root, name)).catch(() => undefined));
  if (!root || !file?.startsWith(root + sep)) throw absent;
  const { size, mtimeMs, isFile } = await stat(file).then((entry) => ({
    ...entry,
    size: entry.size,
    mtimeMs: entry.mtimeMs,
    isFile: entry.isFile(),
  }));
  if (!isFile) throw absent;
  const tag = `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`;
  const headers = {
    "content-type": type,
    "content-security-policy": POLICY,
    "permissions-policy": "microphone=(self), camera=(self)",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-cache",
    etag: tag,
  };
  if (request.headers["if-none-match"] === tag) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(200, { ...headers, "content-length": size });
  if (request.method === "HEAD") response.end();
  else await pipeline(createReadStream(file), response).catch(() => response.destroy());
}
