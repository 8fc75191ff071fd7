import { type ChildProcess, fork } from "node:child_process";
import type { Socket } from "node:net";
import { env, platform } from "node:process";
import { ProsoponError } from "@prosopon/errors";
import type { ApplicationEvent, Artifact } from "@prosopon/jobs";
import type { ChildOptions } from "./child/main.ts";
import { type ChildApplication, type FromChild, type RunOrder, receivedError, type ToChild } from "./message.ts";

/** What a run tells. Called in the order of the child's messages. */
export interface RunListener {
  /** @param milliseconds What the application took for it. */
  event(event: ApplicationEvent, milliseconds: number): void;
  listening(waiting: boolean): void;
}

/** A run in a child. */
export interface RunHandle {
  /** Rejects with the application's error, or `crashed` when the child died. */
  readonly artifact: Promise<Artifact>;
  cancel(): void;
  stored(): void;
  sound(chunk: Float32Array | "end"): void;
}

export interface WorkerChild {
  readonly processId: number;
  readonly alive: boolean;
  /** @throws what setting up failed with, `crashed` when it died meanwhile. */
  readonly ready: Promise<readonly ChildApplication[]>;
  /** Resolves with one sentence on how it ended, after every run was told. */
  readonly gone: Promise<string>;
  run(order: RunOrder, listener: RunListener): RunHandle;
  /** Asks it to close its applications and end; kills it after the grace. */
  close(graceMilliseconds: number): Promise<void>;
  /** Ends it now; its runs reject with `crashed` and this reason. */
  kill(reason: string): void;
}

export interface WorkerChildOptions extends ChildOptions {
  /** The program; the one beside this package if not given. */
  readonly entry?: URL | undefined;
}

interface Owed {
  readonly listener: RunListener;
  readonly resolve: (artifact: Artifact) => void;
  readonly reject: (error: Error) => void;
}

/** Huge pages make the runtime's output copies faster; the C library reads this when a process starts. */
const tunable = "glibc.malloc.hugetlb=1";

/** Starts a child that loads applications and runs them. */
export function workerChild({ entry, ...options }: WorkerChildOptions): WorkerChild {
  // From src (tests) and from dist alike: only the built child can run on every supported Node.
  const program = entry ?? new URL("../dist/child/main.js", import.meta.url);
  const child: ChildProcess = fork(program, [JSON.stringify(options)], {
    serialization: "advanced",
    execArgv: [],
    // Nothing of it reaches the terminal; its last words are kept. The fifth is the lifeline, which ends with this process.
    stdio: ["ignore", "ignore", "pipe", "ipc", "pipe"],
    // Passed on, not read: what the parent's drivers and libraries need, the child's do too.
    env: {
      ...env,
      ...(platform === "linux" && { GLIBC_TUNABLES: [env["GLIBC_TUNABLES"], tunable].filter(Boolean).join(":") }),
    },
  });
  const runs = new Map<number, Owed>();
  let last = 0;
  let lastWords = "";
  let reason: string | undefined;
  let ended = false;
  let isReady: (applications: readonly ChildApplication[]) => void = () => {};
  let isNot: (error: Error) => void = () => {};
  let isGone: (how: string) => void = () => {};
  const ready = new Promise<readonly ChildApplication[]>((resolve, reject) => {
    isReady = resolve;
    isNot = reject;
  });
  ready.catch(() => {});
  const gone = new Promise<string>((resolve) => {
    isGone = resolve;
  });

  (child.stdio[4] as Socket).on("error", () => {});
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    lastWords = (lastWords + text).slice(-2000);
  });
  child.on("message", (message: FromChild) => {
    if (message.word === "ready") return isReady(message.applications);
    if (message.word === "setup-failed") return isNot(receivedError(message.error));
    const owed = runs.get(message.run);
    if (!owed) return;
    if (message.word === "event") return owed.listener.event(message.event, message.milliseconds);
    if (message.word === "listening") return owed.listener.listening(message.waiting);
    runs.delete(message.run);
    if (message.word === "done") owed.resolve(message.artifact);
    else owed.reject(receivedError(message.error));
  });
  child.on("error", (cause) => died(`It could not be started: ${cause.message}.`));
  // "close" comes after the last of stderr, so its last words are complete.
  child.on("close", (code, signal) =>
    died(signal === null ? `Its exit code was ${code}.` : `Its signal was ${signal}.`),
  );

  function died(how: string): void {
    if (ended) return;
    ended = true;
    const message = reason ?? `The worker's child process died. ${how}`;
    const error = (): ProsoponError =>
      new ProsoponError("crashed", message, { values: { processId: child.pid, lastWords } });
    isNot(error());
    for (const { reject } of runs.values()) reject(error());
    runs.clear();
    isGone(lastWords.trim() ? `${message} Its last words: ${lastWords.trim()}` : message);
  }

  const tell = (message: ToChild): void => {
    if (child.connected) child.send(message, () => {});
  };

  return {
    processId: child.pid ?? -1,
    get alive() {
      return !ended && reason === undefined;
    },
    ready,
    gone,
    run(order, listener) {
      const run = ++last;
      const artifact = new Promise<Artifact>((resolve, reject) => {
        if (ended) reject(new ProsoponError("crashed", "The worker's child process is gone."));
        else runs.set(run, { listener, resolve, reject });
      });
      artifact.catch(() => {});
      tell({ word: "run", run, order });
      return {
        artifact,
        cancel: () => tell({ word: "cancel", run }),
        stored: () => tell({ word: "stored", run }),
        sound: (chunk) => tell({ word: "sound", run, chunk }),
      };
    },
    async close(graceMilliseconds) {
      tell({ word: "close" });
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMilliseconds);
      await gone;
      clearTimeout(timer);
    },
    kill(why) {
      reason ??= why;
      child.kill("SIGKILL");
    },
  };
}
