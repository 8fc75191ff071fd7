import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Limits } from "./limits.ts";
import { refusal } from "./refusal.ts";

/** What is counted. Keys are tenants, for `failures` remote addresses. */
export type Quota = "operations" | "jobs" | "uploadBytes" | "failures";

/** A store of counts that several gateways share, such as one of `rate-limiter-flexible` on Redis. */
export interface Counter {
  /** Resolves while `key` is within its bound, rejects with `{ msBeforeNext }` beyond. */
  consume(key: string, points?: number): Promise<unknown>;
}

export interface QuotasOptions {
  readonly limits: Limits;
  /** One gateway's memory if not given. */
  readonly counter?: (quota: Quota, points: number, seconds: number) => Counter;
}

export interface Quotas {
  /** @throws a refusal `RATE_LIMITED` with its waiting time. */
  take(quota: Quota, key: string, points?: number): Promise<void>;
}

const said: Readonly<Record<Quota, string>> = {
  operations: "Too many operations in a minute.",
  jobs: "Too many new jobs in a minute.",
  uploadBytes: "Too many bytes uploaded in an hour.",
  failures: "Too many refused credentials.",
};

const inMemory = (_quota: Quota, points: number, duration: number): Counter =>
  new RateLimiterMemory({ points, duration });

export function createQuotas({ limits, counter = inMemory }: QuotasOptions): Quotas {
  const counters: Readonly<Record<Quota, Counter>> = {
    operations: counter("operations", limits.operationsPerMinute, 60),
    jobs: counter("jobs", limits.jobsPerMinute, 60),
    uploadBytes: counter("uploadBytes", limits.uploadBytesPerHour, 3600),
    failures: counter("failures", limits.failuresPerMinute, 60),
  };
  return {
    async take(quota, key, points = 1) {
      try {
        await counters[quota].consume(key, points);
      } catch (cause) {
        const wait = cause instanceof RateLimiterRes ? cause.msBeforeNext : 1000;
        throw refusal("RATE_LIMITED", `${said[quota]} Try again in ${Math.ceil(wait / 1000)} s.`, {
          retryAfter: wait,
          cause,
        });
      }
    },
  };
}
