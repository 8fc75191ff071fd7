import { anySignal } from "./any-signal.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Interruption } from "./resume-stream.ts";

/**
 * The answer to a request for a stream. No answer for `idleMs` is an `Interruption`: a connection that was kept from an earlier request may
 * be open on this side only, and would be waited for for minutes.
 */
export async function promptAnswer(
  place: Endpoint,
  path: string,
  { idleMs, signal, ...init }: RequestInit & { readonly idleMs: number; readonly signal: AbortSignal },
): Promise<Response> {
  const late = new AbortController();
  const why: Interruption = { interruption: `no answer came for ${idleMs} ms` };
  const timer = setTimeout(() => late.abort(why), idleMs);
  try {
    return await place.fetch(path, { ...init, signal: anySignal(signal, late.signal) });
  } finally {
    clearTimeout(timer);
  }
}
