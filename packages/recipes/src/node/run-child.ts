// The entry of a training child: one run, its steps, data and state live here; the parent gets events.
import { sendableError } from "@prosopon/errors";
import { recipeNamed } from "./all-recipes.ts";
import { runRecipe } from "./run-recipe.ts";
import type { ChildMessage, ParentMessage } from "./train-in-child.ts";

const stop = new AbortController();
const send = (message: ChildMessage) => void process.send?.(message);

process.on("disconnect", () => stop.abort());
process.on("SIGTERM", () => stop.abort());
// Ctrl-C reaches the whole group; the parent says when to stop.
process.on("SIGINT", () => {});
process.on("message", async (message: ParentMessage) => {
  if (message.kind === "stop") return stop.abort();
  try {
    const { recipe, settings } = recipeNamed(message.recipe, message.options.settings);
    const onProgress = (label: string, done: number, total: number) => send({ kind: "progress", label, done, total });
    for await (const event of runRecipe(recipe, { ...message.options, settings, signal: stop.signal, onProgress }))
      send({ kind: "event", event });
    send({ kind: "done" });
  } catch (error) {
    send({ kind: "failed", error: sendableError(error) });
  }
  process.disconnect?.();
});
