import { isProsoponError, ProsoponError } from "@prosopon/errors";
import { anySignal } from "./any-signal.ts";
import { type BackoffOptions, backoff, pause } from "./backoff.ts";
import { cursorOf, isAfter, type Position, positionOf } from "./cursor.ts";
import type { StreamEvent } from "./stream-event.ts";

/** One connection's events from a cursor on. Ends when the connection does. A fatal `ProsoponError` ends the whole stream. */
export type OpenStream = (after: string | undefined, signal: AbortSignal) => AsyncIterable<StreamEvent>;

/** Thrown by a connection for what another attempt may mend; `wait` in milliseconds overrides the backoff. */
export interface Interruption {
  readonly interruption: string;
  readonly wait?: number;
}

export interface ResumeOptions {
  /** Start after this cursor; from the beginning if not given. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly backoff?: BackoffOptions | undefined;
  /** The server may skip frames without a gap event (a frame rate limit); then holes in `seq` are no fault. Default false. */
  readonly sparse?: boolean;
  /** Told before every attempt but the first. */
  readonly onReconnect?: ((why: { readonly reason: string; readonly failures: number }) => void) | undefined;
}

/** How often the same hole is asked for again before it is reported as a gap. */
const holeAttempts = 6;

/**
 * The events of a stream, each once and in order, over connections that may break, repeat or misorder: at-least-once on the wire,
 * exactly once for the caller. The cursor moves when the caller asks for the next event, so an event whose use failed comes again
 * with a new call from the caller's own cursor. A connection that ends without an end event is opened again.
 * @throws ProsoponError `unavailable` when the attempts are used up, `cancelled` when the signal fires, and what a connection
 * says is fatal (`bad-input`, `not-found`).
 */
export function resumeStream(open: OpenStream, options: ResumeOptions = {}): AsyncIterableIterator<StreamEvent> {
  const leaving = new AbortController();
  const signal = options.signal ? anySignal(options.signal, leaving.signal) : leaving.signal;
  const events = attempts(open, options, signal);
  let left = false;
  return {
    // A generator's own `return` waits for a pending `next`; firing the signal settles that one first.
    async next() {
      if (left) return { done: true, value: undefined };
      try {
        return await events.next();
      } catch (error) {
        if (left) return { done: true, value: undefined };
        if (options.signal?.aborted) throw stopped(options.signal);
        throw error;
      }
    },
    async return() {
      left = true;
      leaving.abort();
      await events.return(undefined).catch(() => undefined);
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const stopped = (signal: AbortSignal): ProsoponError =>
  new ProsoponError("cancelled", "The stream was left by its reader.", { cause: signal.reason });

const gapOf = (epoch: number, fromSeq: number, toSeq: number): StreamEvent => ({
  type: "gap",
  epoch,
  fromSeq,
  toSeq,
  reason: "MISSING",
  cursor: cursorOf({ epoch, seq: toSeq }),
});

async function* attempts(
  open: OpenStream,
  { after, backoff: waits = {}, sparse = false, onReconnect }: ResumeOptions,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent, void, undefined> {
  let position: Position | undefined = after === undefined ? undefined : positionOf(after);
  let failures = 0;
  const hole = { at: "", times: 0 };
  /** True when the event before `seq` is known to be missing and should be asked for again. */
  const missing = (epoch: number, seq: number): boolean => {
    if (sparse || seq <= (position?.epoch === epoch ? position.seq : 0) + 1) return false;
    const at = cursorOf(position ?? { epoch, seq: 0 });
    hole.times = hole.at === at ? hole.times + 1 : 1;
    hole.at = at;
    return hole.times <= holeAttempts;
  };

  while (true) {
    signal.throwIfAborted();
    const connection = new AbortController();
    let reason = "the connection ended";
    let wait: number | undefined;
    let end: StreamEvent | undefined;
    try {
      for await (const event of open(position && cursorOf(position), anySignal(signal, connection.signal))) {
        signal.throwIfAborted();
        if (position && event.epoch < position.epoch) continue;
        if (event.type === "reset") {
          if (position && event.epoch <= position.epoch) continue;
          failures = 0;
          yield event;
          position = { epoch: event.epoch, seq: 0 };
          continue;
        }
        if (event.type === "end") {
          if (event.reason === "COMPLETED" && missing(event.epoch, event.lastSeq + 1)) {
            reason = `the end came before frame ${event.lastSeq}`;
            break;
          }
          const known = position?.epoch === event.epoch ? position.seq : 0;
          if (event.reason === "COMPLETED" && !sparse && event.lastSeq > known)
            yield gapOf(event.epoch, known + 1, event.lastSeq);
          end = event;
          break;
        }
        if (position && event.epoch > position.epoch) {
          const reset = { epoch: event.epoch, seq: 0 };
          yield { type: "reset", epoch: event.epoch, reason: "NEW_EPOCH", cursor: cursorOf(reset) };
          position = reset;
        }
        const first = event.type === "gap" ? event.fromSeq : event.seq;
        const last = event.type === "gap" ? event.toSeq : event.seq;
        if (position && !isAfter({ epoch: event.epoch, seq: last }, position)) continue;
        if (missing(event.epoch, first)) {
          reason = `frame ${first} came before the ones that precede it`;
          break;
        }
        const known = position?.epoch === event.epoch ? position.seq : 0;
        if (!sparse && first > known + 1) yield gapOf(event.epoch, known + 1, first - 1);
        failures = 0;
        yield event;
        position = { epoch: event.epoch, seq: last };
      }
    } catch (error) {
      signal.throwIfAborted();
      if (isProsoponError(error)) throw error;
      const interruption = error as Partial<Interruption> | undefined;
      reason = interruption?.interruption ?? (error instanceof Error ? error.message : String(error));
      wait = interruption?.wait;
    } finally {
      connection.abort();
    }
    // Told after its connection is closed: nothing may stay open behind a reader who asks for no more.
    if (end) {
      yield end;
      return;
    }
    if (wait !== 0) failures += 1;
    if (failures > (waits.attempts ?? 12)) {
      throw new ProsoponError(
        "unavailable",
        `The stream broke off and ${failures} attempts did not mend it: ${reason}.`,
        {
          values: { failures, reason },
          mend: "Check that the gateway runs; then call again with the cursor of the last frame.",
        },
      );
    }
    if (wait !== 0) await pause(wait ?? backoff(failures, waits), signal);
    onReconnect?.({ reason, failures });
  }
}
