import { stat } from "node:fs/promises";
import { join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import type { Tensor } from "@prosopon/graph";
import type { Manifest } from "@prosopon/models";
import { openModelFolder, writeModel } from "@prosopon/models/node";
import { openWeights } from "@prosopon/weights/node";
import * as z from "zod";
import { averagedWeights } from "./averaged-weights.ts";
import { readNote } from "./read-note.ts";
import { readRunData } from "./run-data.ts";

export interface PackRunOptions {
  /** The folder of a finished run of first-stage, reenactment, talk or talk-finish. */
  readonly run: string;
  /** Where the model's folder is written. */
  readonly folder: string;
  readonly name: string;
  /** The first stage that the model works on, by the name under which it is installed; default: that of the model's folder that it learned on. */
  readonly firstStage?: string | undefined;
  /** Default "unknown: ask who trained it". */
  readonly licence?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const kinds = {
  "first-stage": "first-stage",
  reenactment: "reenactment",
  talk: "talking-face",
  "talk-finish": "talking-face",
} as const;
const titles = { "first-stage": "First stage", reenactment: "Reenactment", "talking-face": "Talking face" } as const;

const runSchema = z.object({
  recipe: z.string(),
  description: z.string(),
  seed: z.int(),
  steps: z.int(),
  batch: z.int(),
  learningRate: z.number(),
  from: z.string().optional(),
  settings: z.record(z.string(), z.string()),
});
const endSchema = z.object({ step: z.int(), seconds: z.number(), scores: z.record(z.string(), z.number()) });

async function nameOfFirstStage(from: string | undefined): Promise<string> {
  if (from !== undefined && (await stat(join(from, "model.json")).catch(() => undefined)))
    return (await openModelFolder(from, { kind: "first-stage" })).manifest.name;
  throw new ProsoponError("bad-input", "The run does not say by which name its first stage is installed.", {
    mend: "Pack the first stage, and name it with --first-stage.",
  });
}

/**
 * Turns a finished run into a model that commands can open: its averaged weights, its configuration, how faces must be aligned for it, how it
 * was trained. @throws `not-found` or `bad-file` for a folder that is no finished run, `bad-input`, and what `writeModel` throws.
 */
export async function packRun({ run, folder, name, firstStage, licence, signal }: PackRunOptions): Promise<Manifest> {
  const about = await readNote(join(run, "run.json"), runSchema, "Name the folder of a run of prosopon train.");
  const end = await readNote(join(run, "end.json"), endSchema, "Train it to its end first.");
  const recipe = about.recipe as keyof typeof kinds;
  if (!Object.hasOwn(kinds, recipe))
    throw new ProsoponError("bad-input", `Runs of the recipe ${about.recipe} are not packed.`, {
      values: { recipe },
      mend: `Pack one of ${Object.keys(kinds).join(", ")}.`,
    });
  const data = await readRunData(run);
  const stage =
    recipe === "first-stage" ? undefined : (firstStage ?? (await nameOfFirstStage(about.settings["first-stage"])));
  const parameters = new Map<string, Tensor>();
  await using source = await openWeights(join(run, averagedWeights));
  for (const tensor of source.names) parameters.set(tensor, await source.read(tensor));
  const settings = Object.entries(about.settings).filter(([, value]) => value !== "");
  return writeModel(folder, {
    manifest: {
      name,
      kind: kinds[recipe],
      title: `${titles[kinds[recipe]]} ${name}`,
      description: about.description,
      licence: licence ?? "unknown: ask who trained it",
      domain: data.domain,
      ...(data.alignment === undefined ? {} : { alignment: data.alignment }),
      config: { ...data.config, ...(stage === undefined ? {} : { firstStage: stage }) },
      training: {
        command: [
          `prosopon train ${about.recipe} --seed ${about.seed} --steps ${about.steps} --batch ${about.batch}`,
          `--learning-rate ${about.learningRate}`,
          ...(about.from === undefined ? [] : [`--from ${about.from}`]),
          ...settings.map(([key, value]) => `--set ${key}=${value}`),
        ].join(" "),
        seed: about.seed,
        duration: end.seconds,
        steps: end.step,
        data: data.sentence,
      },
      scores: end.scores,
    } as Parameters<typeof writeModel>[1]["manifest"],
    parameters,
    dtype: "float16",
    signal,
  });
}
