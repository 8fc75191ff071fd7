import { ProsoponError } from "@prosopon/errors";
import type { Host, LoadOptions } from "../host.ts";
import { isHandle } from "../outputs.ts";
import type { Program } from "../program.ts";
import type { Handle, RunOptions, Session } from "../session.ts";
import { type ChildConnection, childConnection, type Pulse } from "./child-connection.ts";
import type { HostOptions } from "./host-options.ts";
import type { CallName, Calls } from "./message.ts";
import { cancelled, closedHost, closedSession } from "./refusals.ts";

export interface SpawnedHostOptions extends HostOptions {
  /** How long a child may go on with a cancelled call before it is killed, from when it is done with what it was asked before. Default: 10,000 ms. */
  readonly graceMilliseconds?: number;
}

/** A host in a child process, which never blocks this one's event loop. A dead child is replaced at the next call; sessions open again by themselves. */
export interface SpawnedHost extends Host {
  readonly kind: "spawned";
  /** Asks the child for a sign of life, which it gives also during a run. @throws `crashed` when there is none in time (default 5000 ms). */
  ping(options?: { readonly timeoutMilliseconds?: number }): Promise<Pulse>;
}

/** Handles of one child are numbered from a multiple of this, so that a handle tells whose it is. */
const handlesPerChild = 2 ** 32;
let children = 0;

interface Living {
  readonly connection: ChildConnection;
  readonly generation: number;
}

/** A host in a child process: each call is a message to an in-process host there. */
export function spawnedHost(options: SpawnedHostOptions = {}): SpawnedHost {
  const { graceMilliseconds = 10_000, ...hostOptions } = options;
  let living: Living | undefined;
  let closed = false;
  const own = new Set<number>();

  /** The child, a new one if there is none alive. */
  function child(): Living {
    if (closed) throw closedHost();
    if (living?.connection.alive) return living;
    const generation = ++children;
    own.add(generation);
    living = { connection: childConnection(hostOptions, generation * handlesPerChild), generation };
    return living;
  }

  /** @throws `crashed` for a handle of a dead child of this host, `bad-input` for another host's. */
  function check(handle: Handle, { generation }: Living): Handle {
    const maker = Math.floor(handle.id / handlesPerChild);
    if (maker === generation) return handle;
    const values = { id: handle.id, dtype: handle.dtype, shape: handle.shape };
    throw own.has(maker)
      ? new ProsoponError("crashed", `Handle ${handle.id} was lost when its child process died.`, { values })
      : new ProsoponError("bad-input", `Handle ${handle.id} was made by another host.`, { values });
  }

  /**
   * A call that `signal` can end. The runtime cannot stop in the middle, so the caller is let go at once, the result is thrown away when it
   * comes, and a child that goes on for too long is killed.
   */
  async function call<Name extends CallName>(
    { connection }: Living,
    name: Name,
    ask: Calls[Name]["ask"],
    signal?: AbortSignal,
    discard: (reply: Calls[Name]["reply"]) => void = () => {},
  ): Promise<Calls[Name]["reply"]> {
    if (signal?.aborted) throw cancelled(signal);
    let id = 0;
    const reply = connection.call(name, ask, (sent) => {
      id = sent;
    });
    if (signal === undefined) return reply;
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        reject(cancelled(signal));
        connection.tell({ word: "cancel", id });
        const ended = reply.then(discard, () => {});
        void connection.callsBefore(id).then(() => {
          const timer = setTimeout(() => {
            void connection.kill(
              `The child process went on with a cancelled call for ${graceMilliseconds} ms and was killed.`,
            );
          }, graceMilliseconds);
          void ended.then(() => clearTimeout(timer));
        });
      };
      signal.addEventListener("abort", stop, { once: true });
      reply.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
    });
  }

  async function load(program: Program, { key, signal }: LoadOptions): Promise<Session> {
    const open = async (within: Living, stop?: AbortSignal) => ({
      ...(await call(within, "load", { program, ...(key === undefined ? {} : { key }) }, stop, ({ session }) =>
        within.connection.tell({ word: "close", session }),
      )),
      within,
    });
    let opened = await open(child(), signal);
    let opening: { readonly within: Living; readonly promise: Promise<typeof opened> } | undefined;
    let disposed = false;

    /** The session in the child that is alive now; opened there if that child is new. */
    function current(): typeof opened | Promise<typeof opened> {
      const within = child();
      if (opened.within === within) return opened;
      if (opening?.within === within) return opening.promise;
      const promise = open(within).then(
        (value) => {
          opened = value;
          return value;
        },
        (error: unknown) => {
          opening = undefined;
          throw error;
        },
      );
      opening = { within, promise };
      return promise;
    }

    async function run(feeds: Parameters<Session["run"]>[0], { signal: stop, ...rest }: RunOptions = {}) {
      if (disposed) throw closedSession();
      if (stop?.aborted) throw cancelled(stop);
      // Sent without delay where possible, so that a caller may release a handle as soon as it has asked for the run.
      const found = current();
      const { session, within } = found instanceof Promise ? await found : found;
      for (const value of Object.values(feeds)) if (isHandle(value)) check(value, within);
      return call(within, "run", { session, feeds, ...rest }, stop, (reply) =>
        within.connection.tell({ word: "release", handles: Object.values(reply).filter(isHandle) }),
      );
    }

    return {
      inputs: opened.inputs,
      outputs: opened.outputs,
      run: run as Session["run"],
      async [Symbol.asyncDispose]() {
        disposed = true;
        const { session, within } = opened;
        within.connection.tell({ word: "close", session });
      },
    };
  }

  child();
  return {
    device: options.device ?? "cpu",
    kind: "spawned",
    load: (program, loadOptions = {}) => load(program, loadOptions),
    async put(tensor) {
      return call(child(), "put", { tensor });
    },
    async read(handle) {
      const now = child();
      return call(now, "read", { handle: check(handle, now) });
    },
    release(...handles) {
      living?.connection.tell({ word: "release", handles });
    },
    async ping({ timeoutMilliseconds = 5000 } = {}) {
      return child().connection.ping(timeoutMilliseconds);
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      await living?.connection.kill("The host was closed.", "cancelled");
    },
  };
}
