import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const launcher = fileURLToPath(new URL("../bin/prosopon.mjs", import.meta.url));

/** Each command is a process, and the machine may be busy. */
export const patience = 240_000;

export interface StartOptions {
  /** Its working folder. */
  readonly cwd: string;
  /** PROSOPON_HOME; `cwd` if not given. */
  readonly home?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What a shell does before it becomes the command. */
  readonly shell?: string | undefined;
  /** Leads a group of its own, to which a terminal's Ctrl-C can be sent: `process.kill(-child.pid)`. */
  readonly detached?: boolean;
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it has said so far. */
  readonly said: { readonly stdout: string; readonly stderr: string };
  readonly ended: Promise<Outcome>;
}

/** Starts the command line as it is built. */
export function startProsopon(args: readonly string[], options: StartOptions): Started {
  const { cwd, home = cwd, env = {}, shell, detached = false } = options;
  const line = [process.execPath, launcher, ...args];
  const [program, ...rest] = shell === undefined ? line : ["bash", "-c", `${shell}; exec "$@"`, "bash", ...line];
  const child = spawn(program!, rest, { cwd, detached, env: { ...process.env, PROSOPON_HOME: home, ...env } });
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => {
    said.stdout += text;
  });
  child.stderr.on("data", (text) => {
    said.stderr += text;
  });
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on("error", reject).on("close", (code) => resolve({ code, ...said }));
  });
  return { child, said, ended };
}
