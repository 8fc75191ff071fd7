import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { isProsoponError, ProsoponError } from "@prosopon/errors";
import { type DType, sizeOf, tensor } from "@prosopon/graph";
import type { OnProgress } from "@prosopon/weights";
import { openStateDict, type StateDict, sha256 } from "@prosopon/weights/node";
import { declaredParameters } from "../declared-parameters.ts";
import { givenConfig } from "../importing/given-config.ts";
import { type ImportPlan, type PlannedModel, planImport, type WeightChoice } from "../importing/plan-import.ts";
import { scheduleOfBuffers } from "../importing/schedule-of-buffers.ts";
import type { Manifest } from "../manifest.ts";
import { type ParameterStream, writeModel } from "./write-model.ts";

export interface ImportModelOptions {
  /** A PyTorch checkpoint or a safetensors file. */
  readonly file: string;
  /** Where the models' folders are written. */
  readonly folder: string;
  /** A plain name; default: the file's, without what no name may have. */
  readonly name?: string | undefined;
  /** The yaml of latent diffusion or taming-transformers, or the config.json of diffusers. */
  readonly config?: string | undefined;
  /** Averaged or live weights of a U-Net; default: averaged where there are some. */
  readonly weights?: WeightChoice | undefined;
  /** The name of a first stage for a file that holds none. */
  readonly firstStage?: string | undefined;
  /** Default "unknown: ask its authors". */
  readonly licence?: string | undefined;
  /** Default "photographs". */
  readonly domain?: Manifest["domain"] | undefined;
  readonly onProgress?:
    | ((phase: "checking" | "hashing" | "writing", ...at: Parameters<OnProgress>) => void)
    | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ImportedModels {
  readonly recognised: ImportPlan["recognised"];
  readonly weights: WeightChoice;
  /** As they were written, the first stage first. */
  readonly models: readonly Manifest[];
  /** Tensors of the file that were left behind. */
  readonly unused: readonly string[];
}

/** A file's name as a model's: without its ending, other characters than of plain names become "-". */
export function nameOfFile(file: string): string {
  const plain = basename(file)
    .replace(/(\.(safetensors|ckpt|pth|pt|bin))+$/i, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+|-+$/g, "");
  return plain === "" ? "imported" : plain;
}

async function numbers(source: StateDict, name: string): Promise<readonly number[] | undefined> {
  if (!source.names.includes(name)) return undefined;
  const { data } = await source.read(name);
  return Array.from(data as ArrayLike<number | bigint>, Number);
}

/** As models store weights: float32 or float16. */
const storedType = (dtype: string): DType => (dtype === "float16" ? "float16" : "float32");

function streamOf(
  source: StateDict,
  { sources, model }: PlannedModel,
  shapes: ReadonlyMap<string, readonly number[]>,
  signal: AbortSignal | undefined,
): ParameterStream {
  return {
    names: [...sources.keys()],
    info: (name) => ({ dtype: storedType(source.info(sources.get(name)!).dtype), shape: shapes.get(name)! }),
    async read(name) {
      const found = await source.read(sources.get(name)!, { signal });
      const { data } = found;
      for (let i = 0; i < data.length; i++)
        if (found.dtype !== "float16" && !Number.isFinite(Number(data[i])))
          throw new ProsoponError(
            "bad-file",
            `${source.file}: ${sources.get(name)} holds ${data[i]}, so the ${model.kind} would too.`,
            {
              values: { name, index: i },
            },
          );
      if (found.dtype === "float32" || found.dtype === "float16")
        return tensor(found.dtype, shapes.get(name)!, data as never);
      if (found.dtype === "float64")
        return tensor("float32", shapes.get(name)!, Float32Array.from(data as Float64Array));
      throw new ProsoponError("bad-file", `${source.file}: ${sources.get(name)} holds ${found.dtype}, no weights.`, {
        values: { name, dtype: found.dtype },
      });
    },
  };
}

/** What the checkpoint says of its training. */
async function countersOf(source: StateDict): Promise<Partial<Record<"updates" | "epoch" | "globalStep", number>>> {
  const updates = (await numbers(source, "model_ema.num_updates"))?.[0];
  const whole = (value: unknown): number | undefined =>
    typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;
  const epoch = whole(source.checkpoint?.top.get("epoch"));
  const globalStep = whole(source.checkpoint?.top.get("global_step"));
  return {
    ...(updates === undefined ? {} : { updates }),
    ...(epoch === undefined ? {} : { epoch }),
    ...(globalStep === undefined ? {} : { globalStep }),
  };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new ProsoponError("not-found", `The configuration ${file} cannot be read.`, { values: { file }, cause });
  }
}

/** What the thesis' models learned from. */
const publishedAlignment: { readonly [kind: string]: Pick<Manifest, "alignment"> } = {
  reenactment: { alignment: "reference" },
  "talking-face": { alignment: "reference-clip" },
};

/** Puts the file's name before a refusal. */
function planned(file: string, plan: () => ImportPlan): ImportPlan {
  try {
    return plan();
  } catch (error) {
    if (!isProsoponError(error)) throw error;
    throw new ProsoponError(error.code, `${file}: ${error.message}`, {
      values: { file, ...error.values },
      cause: error,
    });
  }
}

/**
 * Imports a checkpoint of latent diffusion, taming-transformers or diffusers: each model of it becomes a folder with safetensors, manifest
 * and a card stub. Nothing in the file is executed; tensors pass one at a time. A model's folder appears whole or not at all.
 * @throws `bad-file` with the reason when the file or its configuration cannot be imported, `not-found`, `output`, `cancelled`.
 */
export async function importModel(options: ImportModelOptions): Promise<ImportedModels> {
  const { file, folder, config, weights, firstStage, onProgress, signal } = options;
  const { name = nameOfFile(file), licence = "unknown: ask its authors", domain = "photographs" } = options;
  const given = config === undefined ? undefined : givenConfig(await readText(config), config);
  await using source = await openStateDict(file, { signal, onProgress: (at) => onProgress?.("checking", at) });
  const betas = await numbers(source, "betas");
  const scale = (await numbers(source, "scale_factor"))?.[0];
  const shapes = new Map(source.names.map((key) => [key, source.info(key).shape]));
  const plan = planned(file, () =>
    planImport({
      name,
      shapes,
      given,
      weights,
      firstStage,
      schedule: betas && scheduleOfBuffers(betas),
      scalar: (key) => (key === "scale_factor" ? scale : undefined),
    }),
  );
  const counters = await countersOf(source);
  const hash = await sha256(file, { signal, onProgress: (at) => onProgress?.("hashing", at) });
  const totals = plan.models.map(({ sources }) =>
    Array.from(sources.values()).reduce((sum, key) => sum + sizeOf(shapes.get(key)!), 0),
  );
  const total = totals.reduce((a, b) => a + b, 0);
  const models: Manifest[] = [];
  let before = 0;
  for (const [index, one] of plan.models.entries()) {
    const { kind } = one.model;
    const ema = plan.weights === "ema" && kind !== "first-stage";
    const { updates, ...rest } = counters;
    const declared = new Map(
      Array.from(declaredParameters(one.model).values(), ({ name: key, shape }) => [key, shape]),
    );
    const done = before;
    models.push(
      await writeModel(folder, {
        manifest: {
          ...one.model,
          name: one.name,
          title: one.title,
          description: `Imported from ${basename(file)}.`,
          licence,
          domain,
          ...(domain === "photographs" ? publishedAlignment[kind] : {}),
          origin: {
            format: plan.format,
            file: basename(file),
            sha256: hash,
            weights: ema ? "ema" : "raw",
            ...rest,
            ...(updates === undefined || kind === "first-stage" ? {} : { updates }),
            assumed: [...one.assumed],
          },
        } as Parameters<typeof writeModel>[1]["manifest"],
        parameters: streamOf(source, one, declared, signal),
        onProgress: (at) => onProgress?.("writing", { done: done + at.done, total }),
        signal,
      }),
    );
    before += totals[index]!;
  }
  return { recognised: plan.recognised, weights: plan.weights, models, unused: plan.unused };
}
