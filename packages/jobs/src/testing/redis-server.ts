import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A Redis of a test's own: its own folder, a free port on loopback, every write on disk within a second. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly processId: number;
  readonly folder: string;
  /** Ends it; SIGKILL loses what is not on disk yet. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Starts it again on the same port and files. */
  start(): Promise<void>;
}

const absent = "There is no redis-server.";

/** @returns undefined where there is no `redis-server`. */
export async function redisServer(settings: readonly string[] = []): Promise<RedisServer | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "redis-"));
  const port = await freePort();
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const own = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes", "--save", ""];
    // A file size limit, which tests set to play a full disk, shall fail its writes and not end it.
    const shell = ["-c", 'trap "" XFSZ; exec redis-server "$@"', "redis-server"];
    const started = spawn("sh", [...shell, ...own, "--maxmemory-policy", "noeviction", ...settings], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    await new Promise<void>((resolve, reject) => {
      let output = "";
      started.on("error", reject);
      started.on("exit", (code) =>
        reject(new Error(code === 127 ? absent : `redis-server ended: ${output.slice(-500)}`)),
      );
      started.stdout.on("data", (text: Buffer) => {
        output += text.toString();
        if (output.includes("Ready to accept connections")) resolve();
      });
    });
    child = started;
  }

  async function stop(signal: "SIGTERM" | "SIGKILL" = "SIGKILL"): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  }

  try {
    await start();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (error instanceof Error && error.message === absent) return undefined;
    throw error;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    get processId() {
      return child?.pid ?? -1;
    },
    folder,
    stop,
    start,
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}
