import type { FrameEvent } from "@prosopon/jobs";
import type { Principal } from "../auth/principal.ts";
import { refusal } from "../limits/refusal.ts";
import type { Metrics } from "../observe/metrics.ts";

export type Transport = "graphql" | "binary";

export interface OpenOptions {
  readonly principal: Principal;
  readonly transport: Transport;
}

/** Counts every stream that is open, ends them when their credential does, and all of them when the gateway stops. */
export interface StreamDesk {
  /** How many are open now, over all tenants. */
  readonly open: number;
  /**
   * The same values, counted, until the source ends, `return()` is called, the principal's credential expires or the desk closes. A
   * `next()` that waits settles at each of these.
   * @throws a refusal `RATE_LIMITED` beyond the tenant's bound.
   */
  admit<Value>(source: AsyncIterator<Value>, options: OpenOptions): AsyncIterableIterator<Value>;
  /** Tells the metrics of an event that goes out. */
  count(event: FrameEvent, transport: Transport): void;
  /** Waits until no stream is open, at most `milliseconds`, then ends the rest; nothing is admitted any more. */
  close(milliseconds: number): Promise<void>;
}

export interface StreamDeskOptions {
  readonly perTenant: number;
  readonly metrics: Metrics;
}

export function createStreamDesk({ perTenant, metrics }: StreamDeskOptions): StreamDesk {
  const tenants = new Map<string, number>();
  const endings = new Set<() => void>();
  let closing = false;
  let idle = (): void => {};

  return {
    get open() {
      return endings.size;
    },

    admit<Value>(source: AsyncIterator<Value>, { principal: { tenant, expires }, transport }: OpenOptions) {
      const held = tenants.get(tenant) ?? 0;
      const refused = closing
        ? refusal("UNAVAILABLE", "The gateway is stopping. Connect again.", { retryAfter: 1000 })
        : held >= perTenant
          ? refusal("RATE_LIMITED", `${held} streams are open, which is the most. Close one first.`, {
              retryAfter: 1000,
            })
          : undefined;
      if (refused) {
        void source.return?.();
        throw refused;
      }
      tenants.set(tenant, held + 1);
      metrics.streams.inc({ transport });
      const done = { done: true, value: undefined } as const;
      let over = false;
      const finish = (): void => {
        if (over) return;
        over = true;
        clearTimeout(expiry);
        endings.delete(finish);
        const left = (tenants.get(tenant) ?? 1) - 1;
        if (left > 0) tenants.set(tenant, left);
        else tenants.delete(tenant);
        metrics.streams.dec({ transport });
        // Settles a pending next(), by the contract of the log's and the engine's iterators.
        void source.return?.();
        if (endings.size === 0) idle();
      };
      // Timers hold 2^31 ms at most.
      const expiry =
        expires === undefined
          ? undefined
          : setTimeout(finish, Math.min(Math.max(0, expires - Date.now()), 2 ** 31 - 1));
      expiry?.unref();
      endings.add(finish);
      return {
        async next() {
          if (over) return done;
          try {
            const step = await source.next();
            if (step.done || over) {
              finish();
              return done;
            }
            return step;
          } catch (error) {
            finish();
            throw error;
          }
        },
        async return() {
          finish();
          return done;
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },

    count(event, transport) {
      if (event.event === "frame") {
        metrics.frames.inc({ transport });
        metrics.frameBytes.inc({ transport }, event.bytes.length);
      } else if (event.event === "gap") metrics.gaps.inc({ reason: event.reason });
    },

    async close(milliseconds) {
      closing = true;
      if (endings.size > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, milliseconds);
          idle = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      for (const end of [...endings]) end();
    },
  };
}
