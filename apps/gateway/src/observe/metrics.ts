import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** What Prometheus reads at /metrics. Labels are few and fixed: no tenant, no job. */
export interface Metrics {
  readonly registry: Registry;
  readonly requests: Counter<"route" | "status">;
  readonly operations: Counter<"kind" | "outcome">;
  readonly jobs: Counter<"application">;
  readonly streams: Gauge<"transport">;
  readonly sockets: Gauge;
  readonly frames: Counter<"transport">;
  readonly frameBytes: Counter<"transport">;
  readonly gaps: Counter<"reason">;
  readonly refused: Counter<"code">;
  readonly uploads: Counter<"mime">;
  readonly operationSeconds: Histogram<"kind">;
}

export interface MetricsOptions {
  /** Others may add theirs, such as a worker agent in this process; a new one if not given. */
  readonly registry?: Registry;
  /** Metrics of the process itself, default true. */
  readonly process?: boolean;
}

export function createMetrics({ registry = new Registry(), process = true }: MetricsOptions = {}): Metrics {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> =>
    new Counter({ name: `prosopon_gateway_${name}`, help, labelNames: [...labelNames], registers });
  if (process) collectDefaultMetrics({ register: registry });
  return {
    registry,
    requests: counter("requests_total", "HTTP requests by route and status", ["route", "status"]),
    operations: counter("operations_total", "GraphQL operations", ["kind", "outcome"]),
    jobs: counter("jobs_total", "Jobs submitted", ["application"]),
    streams: new Gauge({
      name: "prosopon_gateway_streams",
      help: "Streams that are open",
      labelNames: ["transport"],
      registers,
    }),
    sockets: new Gauge({ name: "prosopon_gateway_sockets", help: "WebSockets that are open", registers }),
    frames: counter("frames_total", "Frames delivered", ["transport"]),
    frameBytes: counter("frame_bytes_total", "Bytes of delivered frames, before any encoding as text", ["transport"]),
    gaps: counter("gaps_total", "Gaps told to readers", ["reason"]),
    refused: counter("refused_total", "Requests and operations turned away", ["code"]),
    uploads: counter("uploads_total", "Files taken", ["mime"]),
    operationSeconds: new Histogram({
      name: "prosopon_gateway_operation_seconds",
      help: "Time of queries and mutations",
      labelNames: ["kind"],
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
      registers,
    }),
  };
}
