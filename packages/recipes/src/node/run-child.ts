// The entry of a training child: one run, its steps, data and state live here; the parent gets events.
import { isProsoponError } from "@prosopon/errors";
import { recipeNamed } from "./all-recipes.ts";
import { runRecipe } from "./run-recipe.ts";
import type { ChildMessage, ParentMessage } from "./train-in-child.ts";

const stop = new AbortController();
const send = (message: ChildMessage) => void process.send?.(message);

process.on("disconnect", () => stop.abort());
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
    const known = isProsoponError(error);
    send({
      kind: "failed",
      code: known ? error.code : "internal",
      message: error instanceof Error ? error.message : String(error),
    });
  }
  process.disconnect?.();
});
