import type { IncomingMessage } from "node:http";

/**
 * The caller's address, for counting. Behind `proxies` trusted proxies it is that many entries from the end of X-Forwarded-For; what stands
 * before was written by the caller and counts for nothing.
 */
export function remoteAddress(request: IncomingMessage, proxies: number): string {
  const chain = String(request.headers["x-forwarded-for"] ?? "")
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  const forwarded = proxies > 0 ? chain.at(-proxies) : undefined;
  return (forwarded ?? request.socket.remoteAddress ?? "unknown").slice(0, 64);
}
