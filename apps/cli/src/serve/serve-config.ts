import { readFile } from "node:fs/promises";
import { ProsoponError } from "@prosopon/errors";
import { authSchema, limitsSchema } from "@prosopon/gateway";
import * as z from "zod";
import type { Context } from "../context.ts";
import { oneLine } from "../one-line.ts";

const names = z.array(z.string().min(1));

/** Configuration of `prosopon serve` and `prosopon worker`: one file and the environment, every key optional, unknown keys refused. */
export const serveConfigSchema = z.strictObject({
  port: z.int().min(0).max(65_535).default(4000).describe("port of the gateway"),
  host: z
    .string()
    .min(1)
    .default("127.0.0.1")
    .describe("address to listen on; beyond this machine only with credentials"),
  applications: names.default([]).describe("modules with applications, beside those that come with Prosopon"),
  defaultApplications: z.boolean().default(true).describe("offer the applications that come with Prosopon"),
  redis: z
    .url({ protocol: /^rediss?$/ })
    .optional()
    .describe("Redis or Valkey for jobs and frames; without it all is in this process"),
  data: z.string().min(1).optional().describe("folder of uploads and artifacts; with Redis, shared with the workers"),
  dataKey: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "must be 32 bytes as 64 hexadecimal digits")
    .optional()
    .describe("seals uploads and artifacts in the data folder; the same for all gateways and workers"),
  worker: z.boolean().default(true).describe("run an agent with workers beside the gateway"),
  devices: names.default(["cpu"]).describe("devices of this machine; one child process each"),
  slots: z.int().min(1).max(64).default(1).describe("jobs at a time on a device"),
  batch: z
    .boolean()
    .optional()
    .describe("whether the jobs of a device share calls of the network; default: not on the CPU"),
  metricsPort: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe("of a worker: port of its own /metrics, /livez and /readyz"),
  origins: z
    .array(z.url({ protocol: /^https?$/ }))
    .default([])
    .describe("foreign pages that may use the gateway"),
  proxies: z.int().min(0).max(8).default(0).describe("trusted proxies in front, whose X-Forwarded-For counts"),
  studio: z
    .union([z.boolean(), z.string().min(1)])
    .default(true)
    .describe("serve the studio at /; or the folder of another page"),
  development: z.boolean().default(false).describe("GraphiQL, introspection, field suggestions"),
  secret: z.string().min(32).optional().describe("signs tickets; the same on all gateways of a cluster"),
  auth: authSchema.default(authSchema.parse({})).describe("credentials that are taken"),
  limits: limitsSchema.default(limitsSchema.parse({})).describe("bounds, see docs/gateway.md"),
});

export type ServeConfig = z.output<typeof serveConfigSchema>;

const list = (text: string): readonly string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
const flag = (text: string): unknown =>
  ({ true: true, "1": true, false: false, "0": false })[text.toLowerCase()] ?? text;

/** What each variable sets. Values are checked by the schema, so a word that is no number is told like one in the file. */
const variables: Readonly<Record<string, (text: string) => Record<string, unknown>>> = {
  PROSOPON_PORT: (text) => ({ port: Number(text) }),
  PROSOPON_HOST: (host) => ({ host }),
  PROSOPON_APPLICATIONS: (text) => ({ applications: list(text) }),
  PROSOPON_REDIS: (redis) => ({ redis }),
  PROSOPON_DATA: (data) => ({ data }),
  PROSOPON_DATA_KEY: (dataKey) => ({ dataKey }),
  PROSOPON_WORKER: (text) => ({ worker: flag(text) }),
  PROSOPON_DEVICES: (text) => ({ devices: list(text) }),
  PROSOPON_SLOTS: (text) => ({ slots: Number(text) }),
  PROSOPON_BATCH: (text) => ({ batch: flag(text) }),
  PROSOPON_METRICS_PORT: (text) => ({ metricsPort: Number(text) }),
  PROSOPON_ORIGINS: (text) => ({ origins: list(text) }),
  PROSOPON_PROXIES: (text) => ({ proxies: Number(text) }),
  PROSOPON_STUDIO: (text) => ({ studio: flag(text) }),
  PROSOPON_DEVELOPMENT: (text) => ({ development: flag(text) }),
  PROSOPON_SECRET: (secret) => ({ secret }),
  // tenant:sha256, separated by commas.
  PROSOPON_API_KEYS: (text) => ({
    auth: {
      keys: list(text).map((entry) => {
        const at = entry.lastIndexOf(":");
        return { tenant: entry.slice(0, Math.max(0, at)), sha256: entry.slice(at + 1) };
      }),
    },
  }),
};

async function fileConfig(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, "utf8").catch((cause) => {
    throw new ProsoponError("not-found", `The configuration ${file} cannot be read.`, {
      values: { file },
      mend: "Check --config.",
      cause,
    });
  });
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    // The parser's message may quote the file, which may hold a secret.
    throw new ProsoponError("bad-file", `The configuration ${file} is no JSON.`, { values: { file }, cause });
  }
}

/**
 * The configuration: `given` (the command line) before the environment before the file before the defaults.
 * @throws ProsoponError `not-found`, `bad-file`, `bad-input` with each key that is wrong; values are not repeated.
 */
export async function serveConfig(
  { env }: Pick<Context, "env">,
  given: Readonly<Record<string, unknown>>,
  file = env["PROSOPON_CONFIG"],
): Promise<ServeConfig> {
  const fromFile = file ? await fileConfig(file) : {};
  const fromEnvironment = Object.entries(variables).flatMap(([name, read]) => (env[name] ? [read(env[name])] : []));
  const merged = Object.assign(
    {},
    fromFile,
    ...fromEnvironment,
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  );
  if (fromFile["auth"] && merged.auth !== fromFile["auth"])
    merged.auth = { ...(fromFile["auth"] as object), ...merged.auth };
  const read = serveConfigSchema.safeParse(merged);
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) =>
    oneLine(`${path.join(".") || "configuration"}: ${message}`),
  );
  throw new ProsoponError("bad-input", `The configuration is not valid: ${problems.join("; ")}.`, {
    values: { problems, ...(file ? { file } : {}) },
    mend: "See docs/gateway.md for all keys.",
  });
}
