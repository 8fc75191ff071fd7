import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import type { RecipeOptions } from "./recipe.ts";

/** What must not change between the parts of a run; how long it goes and how fast it learns may. */
type Asked = Pick<RecipeOptions, "seed" | "batch" | "settings"> & { readonly recipe: string };

/** Refuses to go on with a run that was asked for otherwise. @throws `bad-input` naming the first difference. */
export async function checkResumption(folder: string, now: Asked): Promise<void> {
  const text = await readFile(join(folder, "run.json"), "utf8").catch(() => undefined);
  if (text === undefined) return;
  const then = JSON.parse(text) as Asked;
  const flat = ({ recipe, seed, batch, settings }: Asked) => ({ recipe, seed, batch, ...settings });
  const [before, after] = [flat(then), flat(now)] as Record<string, unknown>[];
  // Settings that a run of an older version did not have are no difference.
  const key = Object.keys(before!).find((name) => `${before![name]}` !== `${after![name]}`);
  if (key === undefined) return;
  throw new ProsoponError("bad-input", `${folder} holds a run with ${key} ${before![key]}, not ${after![key]}.`, {
    values: { folder, [key]: after![key] },
    mend: `Go on with ${key} ${before![key]}, or give the new run a folder of its own.`,
  });
}
