import { type ChildProcess, fork } from "node:child_process";
import type { Socket } from "node:net";
import { env, platform } from "node:process";
import { ProsoponError, receivedError } from "@prosopon/errors";
import type { HostOptions } from "./host-options.ts";
import type { CallName, Calls, FromChild, ToChild } from "./message.ts";

/** What a child answered to a ping. */
export interface Pulse {
  readonly processId: number;
  /** From question to answer. */
  readonly milliseconds: number;
  /** For how long it has been at its current call; 0 when idle. */
  readonly busyMilliseconds: number;
}

/** One child process and what it owes. */
export interface ChildConnection {
  readonly processId: number;
  /** False as soon as it died or was killed. */
  readonly alive: boolean;
  /** Rejects with `crashed` when the child dies first. `sent` learns the call's number. */
  call<Name extends CallName>(
    call: Name,
    ask: Calls[Name]["ask"],
    sent?: (id: number) => void,
  ): Promise<Calls[Name]["reply"]>;
  /** Settles when nothing that was asked before this call is owed any longer: until then the child may be at the call of somebody else. */
  callsBefore(id: number): Promise<unknown>;
  tell(word: Exclude<ToChild, { readonly call: CallName }>): void;
  ping(timeoutMilliseconds: number): Promise<Pulse>;
  /** Ends it now; what it owes rejects with this reason and code (default `crashed`). Resolves when it is gone. */
  kill(reason: string, code?: "crashed" | "cancelled"): Promise<void>;
}

interface Owed<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: Error) => void;
}

/** Huge pages make the runtime's output copies three to four times faster; the C library reads this when a process starts. */
const tunable = "glibc.malloc.hugetlb=1";

/** Starts a child of a spawned host. An idle child does not keep this process alive. */
export function childConnection(options: HostOptions, firstHandle: number): ChildConnection {
  // From src (tests) and from dist alike: only the built child can run on every supported Node.
  const child = fork(
    new URL("../../dist/node/child.js", import.meta.url),
    [JSON.stringify(options), String(firstHandle)],
    {
      serialization: "advanced",
      execArgv: [],
      stdio: ["ignore", "ignore", "pipe", "ipc", "pipe"],
      // Passed on, not read: what the parent's drivers and libraries need, the child's do too.
      env: {
        ...env,
        ...(platform === "linux" && { GLIBC_TUNABLES: [env["GLIBC_TUNABLES"], tunable].filter(Boolean).join(":") }),
      },
    },
  );
  const heart = child.stdio[4] as Socket;
  const calls = new Map<number, Owed<never>>();
  const pings = new Map<number, Owed<number>>();
  let last = 0;
  let lastWords = "";
  let alive = true;
  let killed: { readonly reason: string; readonly code: "crashed" | "cancelled" } | undefined;
  const { promise: gone, resolve: isGone } = withResolvers<void>();

  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    lastWords = (lastWords + text).slice(-2000);
  });
  child.on("message", (message: FromChild) => {
    const owed = calls.get(message.id);
    settled(calls, message.id);
    if ("error" in message) owed?.reject(receivedError(message.error));
    else owed?.resolve(message.reply as never);
  });
  let rest = "";
  heart.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [id, busy] = line.split(" ").map(Number);
      pings.get(id ?? -1)?.resolve(busy ?? 0);
      settled(pings, id ?? -1);
    }
  });
  heart.on("error", () => {});
  child.on("error", (cause) => died(`It could not be started: ${cause.message}.`));
  // "close" comes after the last of stderr, so its last words are complete.
  child.on("close", (code, signal) =>
    died(signal === null ? `Its exit code was ${code}.` : `Its signal was ${signal}.`),
  );

  function died(how: string): void {
    alive = false;
    const words = lastWords.trim();
    const error = (): ProsoponError =>
      killed
        ? new ProsoponError(killed.code, killed.reason, { values: { processId: child.pid } })
        : new ProsoponError(
            "crashed",
            `The child process that runs sessions died. ${how}${words && ` Its last words: ${words}`}`,
            {
              values: { processId: child.pid, lastWords: words },
              mend: "The next call starts another; handles are lost.",
            },
          );
    for (const owed of [calls, pings]) {
      for (const { reject } of owed.values()) reject(error());
      owed.clear();
    }
    isGone();
  }

  function settled(map: Map<number, unknown>, id: number): void {
    map.delete(id);
    // A late reply of a child that is being killed must not let go of it: somebody waits for its end.
    hold(child, killed !== undefined || calls.size + pings.size > 0);
  }

  function owe<Value>(map: Map<number, Owed<Value>>, id: number): Promise<Value> {
    hold(child, true);
    const owed = withResolvers<Value>();
    map.set(id, owed);
    return owed.promise;
  }

  hold(child, false);
  return {
    processId: child.pid ?? -1,
    get alive() {
      return alive && child.connected;
    },
    call(call, ask, sent) {
      const id = ++last;
      sent?.(id);
      const reply = owe(calls, id);
      child.send({ id, call, ask }, (cause) => {
        if (cause !== null && !child.connected) return; // "close" tells why
        if (cause === null) return;
        calls
          .get(id)
          ?.reject(new ProsoponError("bad-input", `The call could not be sent: ${cause.message}`, { cause }));
        settled(calls, id);
      });
      return reply;
    },
    callsBefore: (id) =>
      Promise.allSettled([...calls].filter(([other]) => other < id).map(([, { promise }]) => promise)),
    tell(word) {
      if (child.connected) child.send(word, () => {});
    },
    async ping(timeoutMilliseconds) {
      const id = ++last;
      const asked = performance.now();
      const answer = owe(pings, id);
      const timer = setTimeout(() => {
        pings.get(id)?.reject(
          new ProsoponError("crashed", `The child process did not answer within ${timeoutMilliseconds} ms.`, {
            values: { processId: child.pid, timeoutMilliseconds },
          }),
        );
        settled(pings, id);
      }, timeoutMilliseconds);
      heart.write(`${id}\n`);
      const busyMilliseconds = await answer.finally(() => clearTimeout(timer));
      return { processId: child.pid ?? -1, milliseconds: performance.now() - asked, busyMilliseconds };
    },
    kill(reason, code = "crashed") {
      alive = false;
      killed ??= { reason, code };
      child.kill("SIGKILL");
      hold(child, true);
      return gone;
    },
  };
}

/** Whether the child keeps this process alive. */
function hold(child: ChildProcess, held: boolean): void {
  for (const thing of [child, child.channel, child.stderr as Socket | null, child.stdio[4] as Socket])
    if (held) thing?.ref();
    else thing?.unref();
}

function withResolvers<Value>(): Owed<Value> {
  let resolve = (_: Value): void => {};
  let reject = (_: Error): void => {};
  const promise = new Promise<Value>((...ends) => {
    [resolve, reject] = ends;
  });
  return { promise, resolve, reject };
}
