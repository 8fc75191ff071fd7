import { Worker } from "node:worker_threads";
import type { Application } from "@prosopon/jobs";
import { type FromChild, sentError, type ToChild } from "../message.ts";
import { loadApplications } from "./load-applications.ts";
import { type ChildRun, startRun } from "./run-order.ts";

// The child of an agent, one for each device: it holds the models. Argument: what it is to load, as JSON.
const { modules, device, slots, settings } = JSON.parse(process.argv[2] ?? "{}") as ChildOptions;
const runs = new Map<number, ChildRun>();

/** What a child is started with. */
export interface ChildOptions {
  readonly modules: readonly string[];
  readonly device: string;
  readonly slots: number;
  readonly settings?: unknown;
}

// Models block this thread, so another one ends this process with its parent.
new Worker(new URL("./lifeline.js", import.meta.url)).unref();
process.on("disconnect", () => process.exit());
// The terminal's interrupt goes to the whole group; the parent decides when this process ends.
process.on("SIGINT", () => {});

const send = (message: FromChild): void => {
  if (process.connected) process.send?.(message);
};

let applications: ReadonlyMap<string, Application> = new Map();
try {
  applications = await loadApplications(modules, { device, slots, settings });
  const described = [...applications.values()].map(({ name, output, needs }) => ({
    name,
    output,
    ...(needs && { needs }),
  }));
  process.on("message", hear);
  send({ word: "ready", applications: described });
} catch (error) {
  process.send?.({ word: "setup-failed", error: sentError(error) } satisfies FromChild, () => process.exit(1));
}

function hear(message: ToChild): void {
  if (message.word === "close") return void close();
  const { run } = message;
  if (message.word === "run") {
    const application = applications.get(message.order.job.application)!;
    const started = startRun({ run, order: message.order, application, device, send });
    runs.set(run, started);
    void started.finished.then(() => runs.delete(run));
  } else if (message.word === "cancel") runs.get(run)?.cancel();
  else if (message.word === "stored") runs.get(run)?.stored();
  else runs.get(run)?.sound(message.chunk);
}

async function close(): Promise<void> {
  for (const run of runs.values()) run.cancel();
  await Promise.all([...runs.values()].map(({ finished }) => finished));
  for (const application of applications.values()) await application.close?.();
  process.exit();
}
