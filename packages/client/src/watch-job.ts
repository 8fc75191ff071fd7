import { isProsoponError, ProsoponError } from "@prosopon/errors";
import { type BackoffOptions, backoff, pause } from "./backoff.ts";
import { isEnded, type Job } from "./job.ts";

export interface WatchOptions {
  readonly signal: AbortSignal;
  readonly backoff?: BackoffOptions | undefined;
}

/**
 * A job as it stands and at each change until it has ended, over connections that may break; a state that was told already is not
 * repeated after a reconnection.
 * @throws ProsoponError `unavailable` when the attempts are used up, `cancelled` when the signal fires.
 */
export async function* watchJob(
  open: (signal: AbortSignal) => AsyncIterable<Job>,
  { signal, backoff: waits = {} }: WatchOptions,
): AsyncGenerator<Job, void, undefined> {
  let failures = 0;
  let told = "";
  while (true) {
    let reason = "the connection ended";
    try {
      for await (const job of open(signal)) {
        failures = 0;
        const now = JSON.stringify(job);
        if (now !== told) yield job;
        told = now;
        if (isEnded(job)) return;
      }
    } catch (error) {
      if (signal.aborted) throw new ProsoponError("cancelled", "The job is watched no more.", { cause: signal.reason });
      if (isProsoponError(error)) throw error;
      reason = (error as { interruption?: string }).interruption ?? String(error);
    }
    failures += 1;
    if (failures > (waits.attempts ?? 12)) {
      throw new ProsoponError("unavailable", `The job cannot be watched: ${reason}.`, { values: { failures, reason } });
    }
    await pause(backoff(failures, waits), signal).catch((cause) => {
      throw new ProsoponError("cancelled", "The job is watched no more.", { cause });
    });
  }
}
