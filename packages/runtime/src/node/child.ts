import { Worker } from "node:worker_threads";
import { sendableError } from "@prosopon/errors";
import type { Session } from "../session.ts";
import type { HostOptions } from "./host-options.ts";
import { inProcessHost } from "./in-process-host.ts";
import type { CallName, Calls, FromChild, ToChild } from "./message.ts";

// The child of a spawned host: an in-process host that obeys messages. Arguments: its options as JSON, the number before its first handle.
const [options, firstHandle] = process.argv.slice(2).map((text) => JSON.parse(text)) as [HostOptions, number];
const host = inProcessHost(options, firstHandle);
const sessions = new Map<number, Session>();
let lastSession = 0;
const cancels = new Map<number, AbortController>();

// Sessions block this thread, so another one answers the parent's pings and ends this process with its parent.
const waitingSince = new BigInt64Array(new SharedArrayBuffer(8));
new Worker(new URL("./heartbeat.js", import.meta.url), { workerData: waitingSince }).unref();
process.on("disconnect", () => process.exit());

const answers: { [Name in CallName]: (ask: Calls[Name]["ask"], signal: AbortSignal) => Promise<Calls[Name]["reply"]> } =
  {
    async load({ program, ...rest }, signal) {
      const session = await host.load(program, { ...rest, signal });
      sessions.set(++lastSession, session);
      return { session: lastSession, inputs: [...session.inputs], outputs: [...session.outputs] };
    },
    run: ({ session, feeds, ...rest }, signal) => sessions.get(session)!.run(feeds, { ...rest, signal }),
    put: ({ tensor }) => host.put(tensor),
    read: ({ handle }) => host.read(handle),
  };

async function answer<Name extends CallName>(id: number, call: Name, ask: Calls[Name]["ask"]): Promise<void> {
  const cancel = new AbortController();
  cancels.set(id, cancel);
  if (cancels.size === 1) Atomics.store(waitingSince, 0, BigInt(Date.now()));
  let message: FromChild;
  try {
    message = { id, reply: await answers[call](ask, cancel.signal) };
  } catch (error) {
    message = { id, error: sendableError(error) };
  }
  cancels.delete(id);
  Atomics.store(waitingSince, 0, cancels.size === 0 ? 0n : BigInt(Date.now()));
  if (process.connected) process.send?.(message);
}

process.on("message", (message: ToChild) => {
  if ("call" in message) void answer(message.id, message.call, message.ask);
  else if (message.word === "cancel") cancels.get(message.id)?.abort();
  else if (message.word === "release") host.release(...message.handles);
  else {
    void sessions.get(message.session)?.[Symbol.asyncDispose]();
    sessions.delete(message.session);
  }
});
