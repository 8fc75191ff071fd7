import { mkdir, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { writeFileAtomic } from "@prosopon/media/node";
import { plot } from "@prosopon/media/plot";
import { createHost } from "@prosopon/runtime/node";
import { averagesOf, createTrainer, initialState, lossCurve, train } from "@prosopon/training";
import { checkpointFolder, openLossLog } from "@prosopon/training/node";
import { writeWeights } from "@prosopon/weights/node";
import { averagedWeights } from "./averaged-weights.ts";
import { checkResumption } from "./check-resumption.ts";
import type { Recipe, RecipeOptions } from "./recipe.ts";
import { startingFile } from "./starting-weights.ts";

export type RunEvent =
  | {
      readonly event: "start";
      readonly parameters: number;
      readonly nodes: number;
      readonly step: number;
      readonly steps: number;
    }
  | {
      readonly event: "step";
      readonly step: number;
      readonly steps: number;
      readonly losses: Readonly<Record<string, number>>;
      readonly secondsPerStep: number;
      readonly eta: number;
    }
  | { readonly event: "look"; readonly step: number; readonly scores: Readonly<Record<string, number>> }
  | { readonly event: "end"; readonly step: number; readonly weights: string; readonly seconds: number };

export interface RunRecipeOptions extends RecipeOptions {
  /** Steps between checkpoints and looks; default 500. */
  readonly every?: number;
}

const text = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** Removes a folder, and those around it up to the first that was made for it, as long as nothing is in them. */
async function removeEmpty(folder: string, made: string | undefined): Promise<void> {
  const last = resolve(made ?? folder);
  try {
    for (let at = resolve(folder); at.length >= last.length; at = dirname(at)) await rmdir(at);
  } catch {
    // Something is in it.
  }
}

/**
 * Trains in this process, resuming what the folder holds: checkpoints, `losses.csv`, `losses.svg`, `averages.safetensors`; `run.json`
 * says what was asked, `end.json` what came of it.
 * @throws `cancelled` after a last checkpoint; `bad-input` where the folder holds a run that was asked for otherwise; what the recipe, the data and the session throw.
 */
export async function* runRecipe(recipe: Recipe, options: RunRecipeOptions): AsyncGenerator<RunEvent, void> {
  const { folder, seed, steps, every = 500, signal } = options;
  const started = Date.now();
  // Before anything is rendered.
  if (options.from !== undefined) await startingFile(options.from);
  const made = await mkdir(folder, { recursive: true });
  const checkpoints = checkpointFolder({ folder, keep: 1 });
  const resumed = await checkpoints.latest();
  if (resumed) await checkResumption(folder, { ...options, recipe: recipe.name });
  await using prepared = await recipe.prepare(options).catch(async (error: unknown) => {
    await removeEmpty(folder, made);
    throw error;
  });
  const { program, data, columns, weights } = prepared;
  await writeFileAtomic(
    join(folder, "run.json"),
    text({
      recipe: recipe.name,
      description: recipe.description,
      seed,
      steps,
      batch: options.batch,
      learningRate: options.learningRate,
      ...(options.from ? { from: options.from } : {}),
      settings: options.settings,
    }),
  );
  const state = resumed?.state ?? initialState(program, { seed, ...(weights ? { weights } : {}) });
  const names = [...program.losses, ...columns];
  const log = await openLossLog({ file: join(folder, "losses.csv"), columns: names, step: state.step });
  await using host = await createHost({ kind: "in-process", memoryPattern: false, arena: false });
  await using trainer = await createTrainer({ host, program, state, ...(signal ? { signal } : {}) });
  const parameters = program.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  yield { event: "start", parameters, nodes: program.nodes, step: state.step, steps };
  // Parts of a run that came before count too.
  const earlier = Number(resumed?.metadata["seconds"] ?? 0);
  const elapsed = () => earlier + (Date.now() - started) / 1000;
  const save = async (current: typeof state) =>
    checkpoints.save({ state: current, seed, metadata: { recipe: recipe.name, seconds: `${elapsed()}` } });
  let scores: Readonly<Record<string, number>> = {};
  for await (const event of train({
    trainer,
    data,
    seed,
    steps,
    checkpoint: { every, save },
    ...(signal ? { signal } : {}),
  })) {
    if (event.event === "step") {
      const scalars = Object.fromEntries(columns.map((name) => [name, Number(event.metrics[name]!.data[0])]));
      const values = { ...event.losses, ...scalars };
      await log.append({ step: event.step, values });
      yield {
        event: "step",
        step: event.step,
        steps,
        losses: values,
        secondsPerStep: event.secondsPerStep,
        eta: event.eta,
      };
    } else if (prepared.look) {
      scores = await prepared.look(await trainer.state(), event.step);
      yield { event: "look", step: event.step, scores };
    }
  }
  const file = join(folder, averagedWeights);
  const averages = averagesOf(await trainer.state());
  await writeWeights(file, (await prepared.finish?.(averages)) ?? averages, {
    metadata: { recipe: recipe.name, step: `${trainer.step}` },
  });
  const svg = lossCurve({ rows: await log.rows(), plot, title: `${recipe.name}: losses`, logarithmic: true });
  await writeFileAtomic(join(folder, "losses.svg"), new TextEncoder().encode(svg));
  const seconds = elapsed();
  await writeFileAtomic(join(folder, "end.json"), text({ step: trainer.step, seconds, scores }));
  yield { event: "end", step: trainer.step, weights: file, seconds };
}
