// A program under test as a process: what it printed, how to wait for it, how to end it.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { until } from "./until.mjs";

const program = fileURLToPath(new URL("./program.mjs", import.meta.url));

/** Starts `program.mjs` with these options, under `wrapper` (such as strace) if given, and waits until it is up. */
export async function startProgram(options, { wrapper = [] } = {}) {
  const [command, ...rest] = [...wrapper, process.execPath, program, JSON.stringify(options)];
  // The channel ends it with this process, however this one ends.
  const child = spawn(command, rest, { stdio: ["ignore", "pipe", "pipe", "ipc"] });
  const events = [];
  let errors = "";
  let partial = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    const lines = (partial + text).split("\n");
    partial = lines.pop();
    for (const line of lines) if (line.startsWith("{")) events.push(JSON.parse(line));
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors = (errors + text).slice(-4000);
  });
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  const self = {
    child,
    events,
    get errors() {
      return errors;
    },
    get ended() {
      return ended();
    },
    get port() {
      return events.find(({ event }) => event === "up")?.port;
    },
    /** The process of its device's child, as it was last told. */
    get deviceProcess() {
      return events.findLast(({ event, processId }) => event === "device" && processId)?.processId;
    },
    said: (event) => events.filter((one) => one.event === event),
    async signal(name) {
      child.kill(name);
      if (name !== "SIGKILL" && name !== "SIGTERM") return;
      if (!ended()) await once(child, "exit");
    },
    async [Symbol.asyncDispose]() {
      if (ended()) return;
      child.kill("SIGCONT");
      // Under a wrapper the program is its child, and outlives it.
      if (wrapper.length > 0) for (const inner of childrenOf(child.pid)) process.kill(inner, "SIGKILL");
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
  await until("a program is up", () => {
    if (ended()) throw new Error(`The program ended at its start: ${errors}`);
    return events.some(({ event }) => event === "up");
  });
  return self;
}

/** Bytes of memory that a process holds. @throws when it has ended. */
export function residentBytes(processId) {
  const found = /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${processId}/status`, "utf8"));
  if (!found) throw new Error(`Process ${processId} has ended.`);
  return 1024 * Number(found[1]);
}

/** How many files and sockets a process has open. */
export const openFiles = (processId) => readdirSync(`/proc/${processId}/fd`).length;

/** The processes that a process started. */
export function childrenOf(processId) {
  const { stdout } = spawnSync("pgrep", ["-P", String(processId)], { encoding: "utf8" });
  return stdout.split("\n").filter(Boolean).map(Number);
}

export function isAlive(processId) {
  try {
    // A process that has ended and was not waited for still answers signals.
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${processId}/status`, "utf8"));
  } catch {
    return false;
  }
}
