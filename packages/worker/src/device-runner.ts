import { isProsoponError } from "@prosopon/errors";
import type { Claim, ClaimOutcome, Stop } from "@prosopon/jobs";
import { gate } from "./admission.ts";
import type { DeviceState, DeviceStatus } from "./agent-observer.ts";
import type { AgentDevice, AgentSettings } from "./agent-options.ts";
import { backoff } from "./backoff.ts";
import { type WorkerChild, workerChild } from "./child-process.ts";
import { jobSpan, queueSpan } from "./job-spans.ts";
import type { ChildApplication } from "./message.ts";
import { runClaim } from "./run-claim.ts";

/** One device: its child, and the jobs that it takes. */
export interface DeviceRunner {
  readonly status: DeviceStatus;
  /** Takes no more jobs, waits for those it has, hands back what is left after `milliseconds`, ends the child. */
  drain(milliseconds: number): Promise<void>;
}

/** What a run alone in the child, or a known culprit, is blamed for; what ran beside others is tried again by itself. */
interface Blame {
  readonly running: Set<string>;
  crowd?: ReadonlySet<string>;
  culprit?: string;
}

/** Keeps a child alive on a device and gives it jobs. */
export function deviceRunner(settings: AgentSettings, device: AgentDevice): DeviceRunner {
  const { engine, log, observer } = settings;
  const { name, slots = 1, megabytes = Number.POSITIVE_INFINITY } = device;
  const pauses = backoff(settings.backoffMilliseconds);
  const room = gate(megabytes);
  const suspects = new Set<string>();
  const draining = new AbortController();
  const handBack = new AbortController();
  let status: DeviceStatus = { device: name, state: "STARTING", running: 0, restarts: 0, applications: [] };
  let child: WorkerChild | undefined;
  let stop: Stop | undefined;
  const stopping = new Set<Promise<void>>();

  function report(changes: Partial<DeviceStatus>): void {
    status = { ...status, ...changes };
    observer.status?.(status);
  }
  const running = (by: number): void => {
    const count = status.running + by;
    const state: DeviceState =
      status.state === "READY" || status.state === "BUSY" ? (count >= slots ? "BUSY" : "READY") : status.state;
    report({ running: count, state });
  };
  /** Without its reason: a status tells why it is not ready. */
  const ready = (changes: Partial<DeviceStatus>): void => {
    const { reason: _, ...rest } = status;
    status = rest;
    report(changes);
  };

  async function handle(claim: Claim, mine: WorkerChild, blame: Blame): Promise<ClaimOutcome> {
    const { job } = claim;
    if (claim.fence === 1) {
      observer.queueWait?.(job, Date.now() - job.submittedAt);
      queueSpan(job);
    }
    running(1);
    let leave = (): void => {};
    try {
      const admission = { megabytes: job.needs?.megabytes ?? 0, alone: suspects.has(job.id) };
      leave = await room.enter(admission, AbortSignal.any([claim.signal, handBack.signal]));
      if (!mine.alive) {
        // Not at once: until this device has stopped asking for jobs it would only be given the same one again.
        await mine.gone;
        return "hand-back";
      }
      blame.running.add(job.id);
      const outcome = await runClaim(claim, {
        settings,
        child: mine,
        handBack: handBack.signal,
        condemn(reason) {
          if (!mine.alive) return;
          blame.culprit = job.id;
          mine.kill(reason);
        },
        blamed() {
          blame.crowd ??= new Set(blame.running);
          if (blame.culprit !== undefined) return blame.culprit === job.id;
          if (blame.crowd.size <= 1 || suspects.has(job.id)) return true;
          suspects.add(job.id);
          return false;
        },
      });
      if (outcome === "ended") {
        pauses.reset();
        suspects.delete(job.id);
      }
      return outcome;
    } catch (error) {
      if (handBack.signal.aborted && error === handBack.signal.reason) return "hand-back";
      if (!claim.signal.aborted || error !== claim.signal.reason) throw error;
      if (isProsoponError(error) && error.code === "cancelled")
        await log.end(job.id, claim.fence, { reason: "cancelled" });
      return "ended";
    } finally {
      blame.running.delete(job.id);
      leave();
      running(-1);
    }
  }

  async function live(): Promise<void> {
    while (!draining.signal.aborted) {
      report({ state: "STARTING" });
      const mine = workerChild({
        modules: settings.applications,
        device: name,
        slots,
        ...(settings.settings !== undefined && { settings: settings.settings }),
        entry: settings.childEntry,
      });
      child = mine;
      const why = await serve(mine).catch((error: unknown) => {
        mine.kill("It could not be set up.");
        return error instanceof Error ? error.message : String(error);
      });
      const how = await mine.gone;
      if (draining.signal.aborted) return;
      report({
        state: why === undefined ? "UNHEALTHY" : "SETUP_FAILED",
        reason: why ?? how,
        restarts: status.restarts + 1,
      });
      observer.restart?.(name, why ?? how);
      await pause(pauses.next(), draining.signal);
    }
  }

  /** Gives a child jobs until it dies. Rejects when it cannot be set up. */
  async function serve(mine: WorkerChild): Promise<undefined> {
    const late = setTimeout(
      () => mine.kill(`Its modules were not loaded within ${settings.setupMilliseconds} ms.`),
      settings.setupMilliseconds,
    );
    const applications = await mine.ready.finally(() => clearTimeout(late));
    if (draining.signal.aborted) return;
    const names = applications.filter((one) => suits(one)).map((one) => one.name);
    ready({ state: "READY", processId: mine.processId, applications: names });
    const blame: Blame = { running: new Set() };
    stop = await engine.work({
      capabilities: { applications: names, device: name, ...(device.megabytes !== undefined && { megabytes }) },
      slots,
      handler: (claim) =>
        jobSpan("prosopon.claim", claim.job, async (span) => {
          const outcome = await handle(claim, mine, blame);
          span.setAttribute("prosopon.outcome", outcome);
          return outcome;
        }),
      onError: (error) => observer.trouble?.(error),
    });
    if (draining.signal.aborted) return;
    await mine.gone;
    // Told before the claims reject: what they lose is not given to this child again.
    const stopped = stop().finally(() => stopping.delete(stopped));
    stopping.add(stopped);
    stop = undefined;
  }

  const suits = ({ needs }: ChildApplication): boolean =>
    (needs?.devices === undefined || needs.devices.includes(name)) && (needs?.megabytes ?? 0) <= megabytes;

  const living = live();
  living.catch((error: unknown) => observer.trouble?.(error as Error));

  return {
    get status() {
      return status;
    },
    async drain(milliseconds) {
      draining.abort();
      const done = Promise.all([stop?.(), ...stopping]);
      const timer = setTimeout(() => handBack.abort(new Error("The agent drains.")), milliseconds);
      await done;
      clearTimeout(timer);
      await child?.close(settings.graceMilliseconds);
      await living;
      await stop?.();
      report({ state: "STOPPED" });
    },
  };
}

/** Resolves after a time, or as soon as the signal fires. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
