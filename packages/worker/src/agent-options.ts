import { ProsoponError } from "@prosopon/errors";
import type { BlobStore, FrameLog, JobEngine } from "@prosopon/jobs";
import * as z from "zod";
import type { AgentObserver } from "./agent-observer.ts";

/** A device that gets a child of its own. */
export interface AgentDevice {
  /** "cpu", "webgpu", "cuda", or what applications ask for. */
  readonly name: string;
  /** Runs at a time; default 1. More is for applications that batch their steps. */
  readonly slots?: number;
  /** Memory for runs; no limit if not given. */
  readonly megabytes?: number;
}

export interface AgentOptions {
  readonly engine: JobEngine;
  readonly log: FrameLog;
  /** Shared with the gateway. */
  readonly blobs: BlobStore;
  /** Modules that the children load: names of packages, file URLs or absolute paths. See `ApplicationsModule`. */
  readonly applications: readonly string[];
  /** Handed to the modules; must be JSON. */
  readonly settings?: unknown;
  readonly devices: readonly AgentDevice[];
  /** Where each run gets a folder of its own. */
  readonly folder: string;
  readonly observer?: AgentObserver;
  /** How long a child may take to load its modules; default 120,000 ms. */
  readonly setupMilliseconds?: number;
  /** How long a run may take to its first event, loading models included; default 120,000 ms. */
  readonly firstMilliseconds?: number;
  /** How long a run may go on without an event; default 30,000 ms. Then its child is killed. Waiting for sound does not count. */
  readonly deadlineMilliseconds?: number;
  /** How long a cancelled run may go on before its child is killed; default 2000 ms. */
  readonly graceMilliseconds?: number;
  /** Pause before a child is started again, doubled at each failure in a row; default 100 to 30,000 ms. */
  readonly backoffMilliseconds?: { readonly first: number; readonly most: number };
  /** Largest artifact in bytes; default 2 GiB. */
  readonly artifactLimit?: number;
  /** The children's program; for tests. */
  readonly childEntry?: URL;
}

const positive = z.number().positive();
const schema = z.object({
  applications: z.array(z.string().min(1)).min(1),
  devices: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
        slots: z.int().min(1).max(64).optional(),
        megabytes: positive.optional(),
      }),
    )
    .min(1)
    .refine((devices) => new Set(devices.map(({ name }) => name)).size === devices.length, "a device is named twice"),
  folder: z.string().min(1),
  setupMilliseconds: positive.default(120_000),
  firstMilliseconds: positive.default(120_000),
  deadlineMilliseconds: positive.default(30_000),
  graceMilliseconds: positive.default(2000),
  backoffMilliseconds: z.strictObject({ first: positive, most: positive }).default({ first: 100, most: 30_000 }),
  artifactLimit: positive.default(2 ** 31),
});

/** Options with every default in place. */
export type AgentSettings = Required<Omit<AgentOptions, "childEntry" | "settings">> &
  Pick<AgentOptions, "childEntry" | "settings">;

/** @throws `bad-input`. */
export function agentSettings(options: AgentOptions): AgentSettings {
  const parsed = schema.safeParse(options);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new ProsoponError("bad-input", `These are no options of an agent: ${problems.join("; ")}.`, {
      values: { problems },
    });
  }
  return { observer: {}, ...options, ...(parsed.data as Pick<AgentSettings, keyof typeof parsed.data>) };
}
