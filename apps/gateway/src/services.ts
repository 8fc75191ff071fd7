import type { Application, BlobStore, FrameLog, JobEngine } from "@prosopon/jobs";
import type { Authenticator } from "./auth/authenticator.ts";
import type { Tickets } from "./auth/tickets.ts";
import type { StreamDesk } from "./frames/stream-desk.ts";
import type { Limits } from "./limits/limits.ts";
import type { Quotas } from "./limits/quotas.ts";
import type { Metrics } from "./observe/metrics.ts";
import type { PrivateLog } from "./observe/private-log.ts";

/** A model that is installed, as `Query.models` tells it. */
export interface ModelSummary {
  readonly name: string;
  readonly kind: string;
  readonly description: string;
}

/** What every route and resolver works with; made once by `createGateway`. */
export interface Services {
  readonly engine: JobEngine;
  readonly log: FrameLog;
  readonly blobs: BlobStore;
  readonly applications: readonly Application[];
  readonly models: () => Promise<readonly ModelSummary[]>;
  readonly emotions: readonly string[];
  readonly limits: Limits;
  readonly authenticator: Authenticator;
  readonly tickets: Tickets;
  readonly quotas: Quotas;
  readonly streams: StreamDesk;
  readonly metrics: Metrics;
  readonly tell: PrivateLog;
  /** Told of each upload that was taken, to delete it in time. */
  readonly remember: (upload: string) => void;
  /** GraphiQL, introspection and field suggestions are for development only. */
  readonly development: boolean;
}
