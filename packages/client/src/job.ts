/** A job as the gateway tells it. */
export interface Job {
  readonly id: string;
  /** The application that runs it. */
  readonly application: string;
  readonly state: "QUEUED" | "RUNNING" | "COMPLETED" | "FAILED" | "CANCELLED" | "EXPIRED";
  readonly progress: { readonly label: string; readonly done: number; readonly total: number | null } | null;
  /** The last frame of its stream; 0 before the first. */
  readonly lastSeq: number;
  readonly artifact: Artifact | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** A finished file of a job. */
export interface Artifact {
  readonly name: string;
  readonly mime: string;
  /** Bytes. */
  readonly size: number;
  /** Where it lies; needs the credentials, answers ranges. */
  readonly url: string;
  /** IPTC digital source type: how the picture came about. */
  readonly digitalSourceType: string | null;
  /** What the application says of it, such as `warnings`. */
  readonly table: Readonly<Record<string, unknown>> | null;
}

/** True for the four states that a job never leaves. */
export const isEnded = ({ state }: Pick<Job, "state">): boolean => state !== "QUEUED" && state !== "RUNNING";
