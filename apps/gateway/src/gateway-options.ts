import type { Application, BlobStore, FrameLog, JobEngine } from "@prosopon/jobs";
import type { Registry } from "prom-client";
import type { AuthOptions } from "./auth/auth-options.ts";
import type { LimitsOptions } from "./limits/limits.ts";
import type { QuotasOptions } from "./limits/quotas.ts";
import type { PrivateLog } from "./observe/private-log.ts";
import type { ModelSummary } from "./services.ts";

export interface GatewayOptions {
  readonly engine: JobEngine;
  readonly log: FrameLog;
  readonly blobs: BlobStore;
  /** What is offered; each becomes a mutation. Their `run` is never called here. */
  readonly applications: readonly Application[];
  /** For `Query.models`; none if not given. */
  readonly models?: () => Promise<readonly ModelSummary[]>;
  /** For `Query.emotions`. */
  readonly emotions?: readonly string[];
  /** Credentials that are taken. None: one anonymous tenant, and `listen` takes loopback hosts only. */
  readonly auth?: AuthOptions;
  readonly limits?: LimitsOptions;
  /** Foreign pages that may use this gateway, such as "https://example.org". */
  readonly origins?: readonly string[];
  /** Trusted proxies in front, whose X-Forwarded-For counts; default 0. */
  readonly proxies?: number;
  /** The studio's folder of files, served at "/". */
  readonly studio?: string;
  /** GraphiQL, introspection, field suggestions; default false. */
  readonly development?: boolean;
  /** Signs tickets, at least 32 bytes; the same on every gateway of a cluster. Random if not given. */
  readonly secret?: Uint8Array;
  /** Default: silence. */
  readonly tell?: PrivateLog;
  /** Where metrics go, which others may share. */
  readonly registry?: Registry;
  /** Default: this process's memory. */
  readonly counter?: QuotasOptions["counter"];
  /** Asked by /readyz beside the engine: rejects while no worker is ready. */
  readonly ready?: () => Promise<void>;
}
