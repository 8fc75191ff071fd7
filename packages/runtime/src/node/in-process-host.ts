import { setImmediate as immediate } from "node:timers/promises";
import { ProsoponError } from "@prosopon/errors";
import { sizeOf, type Tensor } from "@prosopon/graph";
import { InferenceSession, type Tensor as NativeTensor } from "onnxruntime-node";
import type { Host, LoadOptions } from "../host.ts";
import { isHandle } from "../outputs.ts";
import type { Program } from "../program.ts";
import type { Feeds, Handle, RunOptions, Session, ValueDescription } from "../session.ts";
import { bindParameters } from "./bind-parameters.ts";
import { checkFeeds, outputsOf } from "./check-feeds.ts";
import { garbageCollector } from "./collect-garbage.ts";
import type { HostOptions } from "./host-options.ts";
import { copyOf, description, fromNative, toNative } from "./native-tensor.ts";
import { cancelled, closedHost, closedSession } from "./refusals.ts";
import { sameProgram } from "./same-program.ts";
import { sessionOptions } from "./session-options.ts";
import { tensorStore } from "./tensor-store.ts";

interface Opened {
  readonly native: InferenceSession;
  readonly fed: Readonly<Record<string, NativeTensor>>;
  /** Every input, those that parameters fill included. */
  readonly inputs: readonly ValueDescription[];
  readonly outputs: readonly ValueDescription[];
}

/** A program and, while it is open, its session. */
interface Entry {
  readonly program: Program;
  readonly key: string | undefined;
  opened: Promise<Opened> | undefined;
  /** Calls that need it open. */
  users: number;
}

// On Linux the library reports to its maker from the first session on, and leaves a log in the temporary folder. Nothing here calls home.
process.env["ORT_DISABLE_TELEMETRY"] = "1";

/** Handles of all hosts of this process have different numbers. */
let lastHandle = 0;

/**
 * A host in this very process. `run` blocks the event loop: it belongs into a process that does nothing else.
 * Inputs are not copied; the runtime copies outputs.
 */
export function inProcessHost(options: HostOptions = {}, firstHandle = 0): Host {
  const store = tensorStore(() => firstHandle + ++lastHandle);
  /** Keyed entries, the least recently used first. */
  const cache = new Map<string, Entry>();
  const entries = new Set<Entry>();
  const drop = garbageCollector();
  let closed = false;
  let lastTurn: Promise<void> = Promise.resolve();

  /** One run after the other, with a look at arriving messages before each: what is cancelled by then is not begun. */
  async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = lastTurn.then(() => immediate()).then(work);
    lastTurn = turn.then(
      () => {},
      () => {},
    );
    return turn;
  }

  async function open(program: Program): Promise<Opened> {
    const bound = await bindParameters(program);
    const native = await InferenceSession.create(bound.model, sessionOptions(options, bound.folder)).catch(
      (cause: Error) => {
        throw new ProsoponError("bad-graph", `The runtime refuses the model: ${cause.message.trim()}`, { cause });
      },
    );
    drop(bound.model.length);
    const fed = Object.fromEntries(Object.entries(bound.fed).map(([name, value]) => [name, toNative(value)]));
    return {
      native,
      fed,
      inputs: native.inputMetadata.map(description),
      outputs: native.outputMetadata.map(description),
    };
  }

  /** Calls `work` with the entry open; opens it if it is not. */
  async function withOpen<Result>(entry: Entry, work: (opened: Opened) => Promise<Result>): Promise<Result> {
    if (closed) throw closedHost();
    entry.users++;
    try {
      if (entry.key !== undefined) {
        cache.delete(entry.key);
        cache.set(entry.key, entry);
      }
      entry.opened ??= open(entry.program);
      const opening = entry.opened;
      const opened = await opening.catch((error: unknown) => {
        if (entry.opened === opening) entry.opened = undefined;
        throw error;
      });
      return await work(opened);
    } finally {
      entry.users--;
      if (!entries.has(entry)) await shut(entry);
      await shutOldest();
    }
  }

  async function shut(entry: Entry): Promise<void> {
    if (entry.users > 0 || entry.opened === undefined) return;
    const opened = entry.opened;
    entry.opened = undefined;
    const { native, fed } = await opened;
    await native.release();
    drop(bytesOf(...Object.values(fed)));
  }

  async function shutOldest(): Promise<void> {
    const open = [...cache.values()].filter((entry) => entry.opened !== undefined);
    for (const entry of open.slice(0, Math.max(0, open.length - (options.modelCacheSize ?? 8)))) await shut(entry);
  }

  async function run(entry: Entry, feeds: Feeds, runOptions: RunOptions): Promise<Record<string, Tensor | Handle>> {
    const { signal, keep: kept = [] } = runOptions;
    if (signal?.aborted) throw cancelled(signal);
    // Before anything is awaited, so that a caller may release a handle as soon as it has asked for the run.
    const held: NativeTensor[] = [];
    const values = Object.fromEntries(
      Object.entries(feeds).map(([name, value]) => {
        const native = isHandle(value) ? store.find(value) : toNative(value);
        if (isHandle(value)) held.push(native);
        return [name, native];
      }),
    );
    store.hold(held);
    return withOpen(entry, async ({ native: session, fed, inputs, outputs }) => {
      checkFeeds(feeds, inputs, new Set(Object.keys(fed)));
      const wanted = outputsOf(outputs, runOptions);
      const results = await inTurn(async () => {
        if (signal?.aborted) throw cancelled(signal);
        return session.run({ ...fed, ...values }, [...wanted]).catch((cause: Error) => {
          throw new ProsoponError("bad-graph", `The runtime failed: ${cause.message.trim()}`, { cause });
        });
      });
      if (signal?.aborted) throw cancelled(signal);
      return Object.fromEntries(
        wanted.map((name) => {
          const value = results[name]!;
          return [name, kept.includes(name) ? store.keep(value) : fromNative(value)];
        }),
      );
    }).finally(() => store.letGo(held));
  }

  function session(entry: Entry, { fed, inputs, outputs }: Opened): Session {
    let disposed = false;
    const call = async (feeds: Feeds, runOptions: RunOptions = {}) => {
      if (disposed) throw closedSession();
      return run(entry, feeds, runOptions);
    };
    return {
      inputs: inputs.filter(({ name }) => !(name in fed)),
      outputs,
      run: call as Session["run"],
      async [Symbol.asyncDispose]() {
        disposed = true;
        if (entry.key !== undefined) return;
        entries.delete(entry);
        await shut(entry);
      },
    };
  }

  return {
    device: options.device ?? "cpu",
    kind: "in-process",
    async load(program: Program, { key, signal }: LoadOptions = {}) {
      if (signal?.aborted) throw cancelled(signal);
      const cached = key === undefined ? undefined : cache.get(key);
      if (cached !== undefined && !sameProgram(cached.program, program))
        throw new ProsoponError("bad-input", `Another program was loaded under the key "${key}".`, { values: { key } });
      const entry: Entry = cached ?? { program, key, opened: undefined, users: 0 };
      entries.add(entry);
      return withOpen(entry, async (opened) => {
        if (signal?.aborted) {
          if (key === undefined) entries.delete(entry);
          throw cancelled(signal);
        }
        return session(entry, opened);
      }).catch((error: unknown) => {
        // Nobody has a session of it, which would let it go.
        if (key === undefined) entries.delete(entry);
        throw error;
      });
    },
    async put(tensor) {
      if (closed) throw closedHost();
      const kept = store.keep(toNative(copyOf(tensor)));
      // Callers seldom need theirs any longer.
      drop(tensor.data.byteLength);
      return kept;
    },
    async read(handle) {
      return copyOf(fromNative(store.find(handle)));
    },
    release(...handles) {
      store.release(handles);
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      const left = [...entries];
      entries.clear();
      cache.clear();
      store.clear();
      await Promise.all(left.map(shut));
    },
  };
}

const bytesOf = (...tensors: NativeTensor[]): number => tensors.reduce((sum, { dims }) => sum + 4 * sizeOf(dims), 0);
