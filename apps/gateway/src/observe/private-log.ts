/** Values that a log line may hold: ids, sizes, times, codes. Never names of files, bytes, prompts, credentials or addresses. */
export interface LogFields {
  readonly route?: string;
  readonly method?: string;
  readonly status?: number;
  readonly milliseconds?: number;
  readonly bytes?: number;
  readonly count?: number;
  readonly tenant?: string;
  readonly job?: string;
  readonly request?: string;
  readonly application?: string;
  readonly transport?: string;
  readonly code?: string;
  readonly reason?: string;
  readonly port?: number;
}

export type LogLevel = "info" | "warn" | "error";

/** One JSON object a line, as pino writes it. */
export type PrivateLog = (level: LogLevel, event: string, fields?: LogFields) => void;

const allowed: ReadonlySet<string> = new Set<keyof LogFields>([
  "route",
  "method",
  "status",
  "milliseconds",
  "bytes",
  "count",
  "tenant",
  "job",
  "request",
  "application",
  "transport",
  "code",
  "reason",
  "port",
]);
const levels: Readonly<Record<LogLevel, number>> = { info: 30, warn: 40, error: 50 };
/** Longest text in a field: an id, a code, a route's pattern. */
const longest = 128;

/** Writes lines to `write`. Fields that are not in `LogFields` are dropped at run time too, so that a careless spread leaks nothing. */
export function privateLog(write: (line: string) => void, now: () => number = Date.now): PrivateLog {
  return (level, event, fields = {}) => {
    const kept = Object.entries(fields)
      .filter(([key, value]) => allowed.has(key) && (typeof value === "number" || typeof value === "string"))
      .map(([key, value]) => [key, typeof value === "string" ? value.slice(0, longest) : value]);
    write(JSON.stringify({ level: levels[level], time: now(), event, ...Object.fromEntries(kept) }));
  };
}
