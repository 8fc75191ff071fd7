import { fork } from "node:child_process";
import { env } from "node:process";
import { ProsoponError, receivedError, type SentError } from "@prosopon/errors";
import { trainingEnvironment } from "@prosopon/training/node";
import { recipeNamed } from "./all-recipes.ts";
import type { RunEvent, RunRecipeOptions } from "./run-recipe.ts";

type PlainOptions = Omit<RunRecipeOptions, "signal" | "onProgress">;

export type ParentMessage =
  | { readonly kind: "run"; readonly recipe: string; readonly options: PlainOptions }
  | { readonly kind: "stop" };

export type ChildMessage =
  | { readonly kind: "event"; readonly event: RunEvent }
  | { readonly kind: "progress"; readonly label: string; readonly done: number; readonly total: number }
  | { readonly kind: "failed"; readonly error: SentError }
  | { readonly kind: "done" };

export type TrainEvent =
  | RunEvent
  | { readonly event: "progress"; readonly label: string; readonly done: number; readonly total: number };

export type TrainInChildOptions = Omit<PlainOptions, "settings"> & {
  readonly settings?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

/**
 * Runs a recipe in a child process with an allocator that suits it; this one stays free. When the signal fires, the child saves a last checkpoint and ends.
 * @throws `bad-input` for an unknown recipe or setting; `cancelled`; `crashed`; what the run throws.
 */
export async function* trainInChild(
  name: string,
  { signal, ...options }: TrainInChildOptions,
): AsyncGenerator<TrainEvent, void> {
  const { settings } = recipeNamed(name, options.settings);
  const child = fork(new URL("../../dist/node/run-child.js", import.meta.url), {
    execArgv: [],
    // Scores may be NaN or infinite, which JSON has no word for.
    serialization: "advanced",
    // Passed on, not read: what the parent's libraries need, the child's do too.
    env: trainingEnvironment(env),
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const waiting: ChildMessage[] = [];
  let wake = () => {};
  let ended = false;
  const post = (message: ParentMessage) => void (child.connected && child.send(message));
  const stop = () => post({ kind: "stop" });
  child.on("message", (message) => {
    waiting.push(message as ChildMessage);
    wake();
  });
  const end = () => {
    ended = true;
    wake();
  };
  child.on("error", () => {
    if (child.pid === undefined) end();
  });
  // Not "exit", which may come before the last message.
  child.on("close", end);
  signal?.addEventListener("abort", stop, { once: true });
  post({ kind: "run", recipe: name, options: { ...options, settings } });
  if (signal?.aborted) stop();
  try {
    for (;;) {
      const message = waiting.shift();
      if (!message) {
        if (ended)
          throw new ProsoponError("crashed", `The training process of ${name} ended without a word.`, {
            mend: "Run it again: it goes on from its last checkpoint.",
          });
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      if (message.kind === "done") return;
      if (message.kind === "failed") throw receivedError(message.error);
      if (message.kind === "event") yield message.event;
      else yield { event: "progress", label: message.label, done: message.done, total: message.total };
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    stop();
    if (!ended) await new Promise((resolve) => child.once("close", resolve));
  }
}
