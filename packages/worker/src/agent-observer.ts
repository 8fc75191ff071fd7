import type { EndReason, Job } from "@prosopon/jobs";

/** How a device's child is, in the words of cog's health states. `STOPPED` is ours: it was drained. */
export type DeviceState = "STARTING" | "READY" | "BUSY" | "SETUP_FAILED" | "UNHEALTHY" | "STOPPED";

export interface DeviceStatus {
  readonly device: string;
  readonly state: DeviceState;
  /** Why it is not ready, one sentence. */
  readonly reason?: string;
  readonly processId?: number;
  /** Jobs that it has. */
  readonly running: number;
  /** How often its child was started again. */
  readonly restarts: number;
  /** Names of applications, once they are loaded. */
  readonly applications: readonly string[];
}

/** What an agent tells, for metrics and logs. Nothing of it holds what users gave, but for the job's facts. */
export interface AgentObserver {
  status?(status: DeviceStatus): void;
  /** From submission to the claim, milliseconds; of first attempts. */
  queueWait?(job: Job, milliseconds: number): void;
  /** A frame is in the log; what the application took for it, milliseconds. */
  frame?(job: Job, milliseconds: number): void;
  /** A child is started again. `reason` may hold its last words: for the operator, not for users. */
  restart?(device: string, reason: string): void;
  /** A write of this worker was refused: another has the job. */
  fenced?(job: Job): void;
  /** An attempt is over: the job ended so, was lost, or was handed back. */
  outcome?(job: Job, outcome: EndReason | "lost" | "hand-back" | "fenced"): void;
  /** Trouble with the engine; the work goes on. */
  trouble?(error: Error): void;
}
