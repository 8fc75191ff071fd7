import { extname } from "node:path";
import { linearSchedule, scheduleBufferNames, scheduleBuffers } from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";
import { type DType, type Tensor, tensor } from "@prosopon/graph";
import type { OnProgress } from "@prosopon/weights";
import { openWeights, type PlannedWeights, type Weights, writeCheckpoint, writeWeights } from "@prosopon/weights/node";
import { reenactmentNames } from "../declared-parameters.ts";
import { toDiffusersFirstStage, toDiffusersUnet } from "../importing/diffusers-names.ts";
import { averageName } from "../importing/plan-import.ts";
import type { Manifest, ManifestOf } from "../manifest.ts";
import { type Model, openModel } from "./open-model.ts";

export interface ExportModelOptions {
  /** Where models are looked for. */
  readonly folders: readonly string[];
  readonly name: string;
  /** `.safetensors`, or `.ckpt`, `.pt`, `.pth` for a PyTorch checkpoint. */
  readonly file: string;
  /** Default "original": those of latent diffusion (or taming-transformers); "diffusers": the U-Net or first stage alone. */
  readonly names?: "original" | "diffusers" | undefined;
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ExportedModel {
  readonly file: string;
  readonly tensors: number;
  readonly values: number;
  /** Models that went into it. */
  readonly models: readonly string[];
}

interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly read: () => Promise<Tensor>;
}

/** What of a model is needed here, whatever its kind. */
type Stored = Pick<Model, "parameters"> & { readonly manifest: Manifest };

const unetPlace = `${reenactmentNames.unet}.`;

/** Entries of a model under other names, as stored: float16 stays float16. */
function entriesOf(model: Stored, files: Map<string, Weights>, nameOf: (ours: string) => string): readonly Entry[] {
  return Object.entries(model.parameters).map(([ours, range]) => ({
    name: nameOf(ours),
    dtype: range.dtype as DType,
    shape: range.shape!,
    async read() {
      let weights = files.get(range.file);
      if (!weights) {
        weights = await openWeights(range.file);
        files.set(range.file, weights);
      }
      return weights.read(ours);
    },
  }));
}

const fixed = (name: string, value: Tensor): Entry => ({
  name,
  dtype: value.dtype,
  shape: value.shape,
  read: async () => value,
});

/** A whole checkpoint of latent diffusion: schedule, network, averages (the same values again), first stage, conditions. */
async function latentDiffusion(
  model: Stored & { readonly manifest: ManifestOf<"reenactment" | "talking-face" | "denoiser"> },
  stage: Stored | undefined,
  files: Map<string, Weights>,
): Promise<readonly Entry[]> {
  const { schedule, scaleFactor } = model.manifest.config;
  const { linear_start: start, linear_end: end, timesteps: times } = schedule;
  if ("zeroTerminal" in schedule && schedule.zeroTerminal)
    throw new ProsoponError(
      "bad-input",
      `The original code has no schedule that ends in pure noise, as that of ${model.manifest.name} does.`,
      {
        values: { name: model.manifest.name },
        mend: "Export it with --names diffusers.",
      },
    );
  const buffers = scheduleBuffers(linearSchedule({ start, end, times }));
  const own = entriesOf(model, files, (ours) => ours);
  const network = own.filter(({ name }) => name.startsWith(unetPlace));
  const { updates = 0 } = model.manifest.origin ?? {};
  return [
    ...scheduleBufferNames.map((name) => fixed(name, tensor("float32", [times], buffers[name]))),
    ...(scaleFactor === 1 ? [] : [fixed("scale_factor", tensor("float32", [], [scaleFactor]))]),
    ...network,
    fixed("model_ema.decay", tensor("float32", [], [0.9999])),
    fixed("model_ema.num_updates", tensor("int32", [], [updates])),
    ...network.map((entry) => ({ ...entry, name: averageName(entry.name) })),
    ...(stage ? entriesOf(stage, files, (ours) => `first_stage_model.${ours}`) : []),
    ...own.filter(({ name }) => !name.startsWith(unetPlace)),
  ];
}

function diffusers(model: Stored, files: Map<string, Weights>): readonly Entry[] {
  const { kind, config } = model.manifest;
  if (kind === "first-stage") {
    const levels = config.ddconfig.ch_mult.length;
    // Attention is a matrix there, a convolution of one pixel here.
    return entriesOf(model, files, (ours) => toDiffusersFirstStage(ours, levels)).map((entry) =>
      /\.(to_[qkv]|to_out\.0)\.weight$/.test(entry.name)
        ? {
            ...entry,
            shape: entry.shape.slice(0, 2),
            read: async () => ({ ...(await entry.read()), shape: entry.shape.slice(0, 2) }),
          }
        : entry,
    );
  }
  if (kind !== "reenactment" && kind !== "denoiser") throw noNames(model, "diffusers");
  const { num_res_blocks: blocks } = config.unet;
  return entriesOf(model, files, (ours) => ours)
    .filter(({ name }) => name.startsWith(unetPlace))
    .map((entry) => ({ ...entry, name: toDiffusersUnet(entry.name.slice(unetPlace.length), blocks) }));
}

const noNames = ({ manifest }: Stored, names: string): ProsoponError =>
  new ProsoponError("bad-input", `A model of the kind ${manifest.kind} has no ${names} names.`, {
    values: { name: manifest.name, kind: manifest.kind },
    mend: "Denoisers, reenactment models, the thesis' talking faces and first stages can be exported.",
  });

const refuseOwn = ({ manifest }: Stored, what: string): never => {
  throw new ProsoponError("bad-input", `The original code cannot build the model ${manifest.name}: ${what}.`, {
    values: { name: manifest.name },
    mend: "Copy its folder instead.",
  });
};

/** Options that only networks made here have would be lost. */
function checkOriginal(model: Stored): void {
  const { manifest } = model;
  if (manifest.kind === "first-stage") {
    const { decoderChannels, middleAttention, groups } = manifest.config.ddconfig;
    if (decoderChannels !== undefined || !middleAttention || groups !== undefined)
      refuseOwn(model, "its first stage has decoder widths, groups or a middle of its own");
  } else if (manifest.kind === "reenactment" || manifest.kind === "denoiser" || manifest.kind === "talking-face") {
    const { middleAttention, groups, embeddingSize } = manifest.config.unet;
    if (!middleAttention || groups !== undefined || embeddingSize !== null)
      refuseOwn(model, "its U-Net has groups, a middle or an embedding of its own");
    if (manifest.kind === "talking-face") {
      const { controls, motion, audio } = manifest.config.conditions;
      if (controls || motion || audio?.encode === "convolutional")
        refuseOwn(model, "it is told what the original cannot be told");
    }
  }
}

/**
 * Writes an installed model as the original code would have: a state_dict under its key names. A denoiser takes its first stage with it.
 * @throws `bad-input` for a kind or an extension that cannot be written, `not-found`, `bad-file`, `output`, `cancelled`.
 */
export async function exportModel(options: ExportModelOptions): Promise<ExportedModel> {
  const { folders, name, file, names = "original", onProgress, signal } = options;
  const ending = extname(file).toLowerCase();
  if (![".safetensors", ".ckpt", ".pt", ".pth"].includes(ending))
    throw new ProsoponError("bad-input", `${file} names no format of weights.`, {
      values: { file },
      mend: "Use .safetensors, .ckpt, .pt or .pth.",
    });
  const model = await openModel(folders, name, { signal });
  const { kind, config } = model.manifest;
  const files = new Map<string, Weights>();
  try {
    checkOriginal(model);
    const used = [name];
    let entries: readonly Entry[];
    if (names === "diffusers") entries = diffusers(model, files);
    else if (kind === "first-stage") entries = entriesOf(model, files, (ours) => ours);
    else if (kind === "reenactment" || kind === "talking-face" || kind === "denoiser") {
      const stage =
        config.firstStage === undefined
          ? undefined
          : await openModel(folders, config.firstStage, { kind: "first-stage", signal });
      if (stage) {
        checkOriginal(stage);
        used.push(stage.manifest.name);
      }
      entries = await latentDiffusion({ ...model, manifest: model.manifest as ManifestOf<typeof kind> }, stage, files);
    } else throw noNames(model, "original");
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    const plan: PlannedWeights = {
      rows: entries.map((entry) => [entry.name, entry.dtype, entry.shape] as const),
      read: (key) => byName.get(key)!.read(),
    };
    const { epoch, globalStep } = model.manifest.origin ?? {};
    const counters = { epoch: epoch ?? 0, global_step: globalStep ?? 0 };
    if (ending === ".safetensors") await writeWeights(file, plan, { metadata: { format: "pt" }, onProgress, signal });
    else await writeCheckpoint(file, plan, { counters, onProgress, signal });
    const values = entries.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    return { file, tensors: entries.length, values, models: used };
  } finally {
    for (const weights of files.values()) await weights.close();
  }
}
