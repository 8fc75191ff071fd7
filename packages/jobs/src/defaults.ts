import type { Retention } from "./frame-log.ts";
import type { EngineLimits } from "./job-engine.ts";

/** Sound that is fed: samples a second. */
export const liveRate = 16_000;

/** After this long a job whose cancellation its worker did not confirm ends without it. */
export const unheardMilliseconds = 3000;

export const withDefaults = (limits: EngineLimits = {}): Required<EngineLimits> => ({
  queuedPerTenant: 100,
  openPerTenant: 200,
  maxAttempts: 3,
  queueMilliseconds: 3_600_000,
  recordMilliseconds: 86_400_000,
  liveSeconds: 120,
  ...limits,
});

export const retentionWithDefaults = (retention: Retention = {}): Required<Retention> => ({
  frames: 15_000,
  bytes: 256 * 2 ** 20,
  afterEndMilliseconds: 600_000,
  ...retention,
});

/** When to try again: a job is taken to need ten seconds, and the tenant to wait for a tenth of its queue. */
export const retryHint = (waiting: number): number => Math.min(60_000, 1000 * Math.max(1, waiting));
