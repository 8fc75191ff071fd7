import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** What an agent tells of its work; the observer of `@prosopon/worker`'s `createAgent` has this shape. */
export interface WorkerObserver {
  status(status: { readonly device: string; readonly state: string; readonly running: number }): void;
  queueWait(job: { readonly application: string }, milliseconds: number): void;
  frame(job: { readonly application: string }, milliseconds: number): void;
  restart(device: string): void;
  fenced(job: { readonly application: string }): void;
  outcome(job: { readonly application: string; readonly submittedAt: number }, outcome: string): void;
}

export interface WorkerMetrics {
  readonly registry: Registry;
  readonly observer: WorkerObserver;
}

const states = ["STARTING", "READY", "BUSY", "SETUP_FAILED", "UNHEALTHY", "STOPPED"] as const;
const SECONDS = [0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5, 10, 30, 60, 300];

/** Metrics of workers in this process, and of the process itself, in a new registry that `createGateway` may share. */
export function workerMetrics(): WorkerMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const device = new Gauge({
    name: "prosopon_worker_state",
    help: "1 for the state that a device is in",
    labelNames: ["device", "state"],
    registers,
  });
  const running = new Gauge({
    name: "prosopon_worker_running",
    help: "Jobs on a device",
    labelNames: ["device"],
    registers,
  });
  const histogram = (name: string, help: string) =>
    new Histogram({
      name: `prosopon_worker_${name}_seconds`,
      help,
      labelNames: ["application"],
      buckets: SECONDS,
      registers,
    });
  const waits = histogram("queue_wait", "From submission to the first claim");
  const frames = histogram("frame_compute", "What an application took for a frame");
  const wholes = histogram("job", "From submission to the end");
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name: `prosopon_worker_${name}_total`, help, labelNames: [...labelNames], registers });
  const restarts = counter("restarts", "Children that were started again", ["device"]);
  const fenced = counter("fenced", "Writes of a lost attempt that were refused", ["application"]);
  const outcomes = counter("attempts", "Attempts by how they ended", ["application", "outcome"]);
  return {
    registry,
    observer: {
      status(status) {
        for (const state of states) device.set({ device: status.device, state }, status.state === state ? 1 : 0);
        running.set({ device: status.device }, status.running);
      },
      queueWait: ({ application }, milliseconds) => waits.observe({ application }, milliseconds / 1000),
      frame: ({ application }, milliseconds) => frames.observe({ application }, milliseconds / 1000),
      restart: (name) => restarts.inc({ device: name }),
      fenced: ({ application }) => fenced.inc({ application }),
      outcome({ application, submittedAt }, outcome) {
        outcomes.inc({ application, outcome });
        if (outcome === "completed") wholes.observe({ application }, (Date.now() - submittedAt) / 1000);
      },
    },
  };
}
