import { ProsoponError } from "@prosopon/errors";
import { declaredParameters, reenactmentNames } from "../declared-parameters.ts";
import type { Manifest } from "../manifest.ts";
import type { TalkingFaceConfig } from "../talking-face-config.ts";
import { diffusersFirstStageNames, diffusersUnetNames } from "./diffusers-names.ts";
import { firstStageShapes } from "./first-stage-shapes.ts";
import { checkFirstStage, type GivenConfig, givenResolution, withGivenUnet } from "./given-config.ts";
import { conditionOf, type Recognised, recognise } from "./recognise.ts";
import type { StoredSchedule } from "./schedule-of-buffers.ts";
import { below, type Shapes, shapeOf } from "./shapes.ts";
import { unetShapes } from "./unet-shapes.ts";

/** The labels of the thesis' data, in the order of its embedding tables. */
export const publishedEmotions = [
  "neutral",
  "happy",
  "sad",
  "surprised",
  "scared",
  "disgusted",
  "angry",
  "contempt",
] as const;

export type WeightChoice = "ema" | "raw";

export interface PlanImportOptions {
  /** What the models will be called; the first stage of a latent-diffusion file gets "-first-stage" behind it. */
  readonly name: string;
  readonly shapes: Shapes;
  /** A scalar of the file, such as `scale_factor`. */
  readonly scalar?: ((name: string) => number | undefined) | undefined;
  /** From the stored buffers; default: the configuration's, else that of the thesis. */
  readonly schedule?: StoredSchedule | undefined;
  readonly given?: GivenConfig | undefined;
  /** Default: averaged weights where there are some. */
  readonly weights?: WeightChoice | undefined;
  /** The first stage of a file that holds none. */
  readonly firstStage?: string | undefined;
}

/** One model of a file. */
export interface PlannedModel {
  readonly name: string;
  readonly title: string;
  readonly model: Pick<Manifest, "kind" | "config">;
  /** Names in the file by our names, for every parameter that the kind declares. */
  readonly sources: ReadonlyMap<string, string>;
  readonly assumed: readonly string[];
}

export interface ImportPlan {
  readonly recognised: Recognised;
  readonly format: "latent-diffusion" | "taming" | "diffusers" | "prosopon";
  readonly weights: WeightChoice;
  /** In the order in which they are to be written. */
  readonly models: readonly PlannedModel[];
  /** Tensors of the file that no model takes: optimizers aside, losses, averages that were not asked for, buffers. */
  readonly unused: readonly string[];
}

/** The name of an averaged tensor: that of the live one without its dots. */
export const averageName = (name: string): string => `model_ema.${name.slice("model.".length).replaceAll(".", "")}`;

/** Pairs every declared parameter with a tensor of the file. @throws `bad-file` for a missing or ill-shaped one. */
function sourcesOf(
  model: PlannedModel["model"],
  shapes: Shapes,
  nameOf: (ours: string) => string,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { name, shape } of declaredParameters(model).values()) {
    const source = nameOf(name);
    const stored = shapeOf(shapes, source);
    // Convolutions of one pixel are matrices elsewhere.
    const plain = (s: readonly number[]) => `${s.length === 4 && s[2] === 1 && s[3] === 1 ? s.slice(0, 2) : s}`;
    if (plain(stored) !== plain(shape))
      throw new ProsoponError("bad-file", `Its ${source} has the shape [${stored}], its network wants [${shape}].`, {
        values: { name: source, shape: stored, expected: shape },
        mend: "It is a network of another kind than its names say.",
      });
    found.set(name, source);
  }
  return found;
}

/** Tensors of the network that no layer would take: it is another network then, and would compute something else. */
function checkAllTaken(place: Shapes, taken: ReadonlySet<string>, prefix: string): void {
  const left = [...place.keys()].filter((name) => !taken.has(`${prefix}${name}`));
  if (left.length > 0)
    throw new ProsoponError("bad-file", `Its ${prefix}${left[0]} belongs to no layer that is known here.`, {
      values: { names: left.slice(0, 20).map((name) => prefix + name) },
      mend: "It is a network of another kind than its names say.",
    });
}

/** A training checkpoint also holds losses. */
const firstStageParts = /^(encoder|decoder|quantize|quant_conv|post_quant_conv)\./;

function firstStagePlan(
  { name, shapes, given = {} }: PlanImportOptions,
  prefix: string,
  names?: ReadonlyMap<string, string>,
): PlannedModel {
  const inner = prefix ? below(shapes, prefix.slice(0, -1)) : shapes;
  const ours = names ? renamed(inner, names) : inner;
  const resolution = givenResolution(given);
  const { config, assumed } = firstStageShapes(ours, resolution);
  checkFirstStage(config, given);
  const model = { kind: "first-stage", config } as const;
  const theirs = names && new Map(Array.from(names, ([their, our]) => [our, their]));
  const sources = sourcesOf(model, shapes, (our) => prefix + (theirs?.get(our) ?? our));
  const network = new Map([...inner].filter(([key]) => firstStageParts.test(key)));
  checkAllTaken(network, new Set(sources.values()), prefix);
  return { name, title: `First stage of ${name}`, model, sources, assumed: resolution === undefined ? assumed : [] };
}

const renamed = (shapes: Shapes, names: ReadonlyMap<string, string>): Shapes =>
  new Map(
    Array.from(shapes, ([name, shape]) => {
      const ours = names.get(name) ?? name;
      return [
        ours,
        ours.startsWith("encoder.") || ours.startsWith("decoder.") ? asConvolution(ours, shape) : shape,
      ] as const;
    }),
  );

/** Matrices of attention as the convolutions of one pixel that they are here. */
const asConvolution = (name: string, shape: readonly number[]): readonly number[] =>
  shape.length === 2 && name.endsWith(".weight") ? [...shape, 1, 1] : shape;

const unetPlace = `${reenactmentNames.unet}.`;

function latentsOf({ schedule, given = {}, scalar }: PlanImportOptions) {
  const { linear_start, linear_end, timesteps, parameterization } = given;
  const told = linear_start !== undefined && linear_end !== undefined;
  const usual = { linear_start: 0.0015, linear_end: 0.0205, timesteps: 1000 };
  const chosen = schedule ?? (told ? { linear_start, linear_end, timesteps: timesteps ?? 1000 } : usual);
  const assumed = [
    ...(schedule || told
      ? []
      : ["The noise schedule is taken to be that of the thesis (0.0015 to 0.0205, 1000 times)."]),
    ...(parameterization ? [] : ["The network is taken to predict the noise (epsilon)."]),
  ];
  if (schedule && told && (linear_start !== schedule.linear_start || linear_end !== schedule.linear_end))
    throw new ProsoponError(
      "bad-file",
      `The configuration says a schedule from ${linear_start} to ${linear_end}, the weights ${schedule.linear_start} to ${schedule.linear_end}.`,
      {
        values: { linear_start, linear_end, schedule },
        mend: "Weights and configuration must come from the same training.",
      },
    );
  return {
    fields: {
      parameterization: parameterization ?? ("epsilon" as const),
      schedule: chosen,
      scaleFactor: scalar?.("scale_factor") ?? given.scale_factor ?? 1,
    },
    assumed,
  };
}

function latentDiffusionPlan(options: PlanImportOptions): Omit<ImportPlan, "unused"> {
  const { name, shapes, given = {}, firstStage } = options;
  const inside = below(shapes, reenactmentNames.unet);
  const derived = unetShapes(inside);
  const { config: unet, heads } = withGivenUnet(derived.config, given);
  const latents = latentsOf(options);
  const averages = shapes.has(averageName(`${unetPlace}input_blocks.0.0.weight`));
  const weights = options.weights ?? (averages ? "ema" : "raw");
  if (weights === "ema" && !averages)
    throw new ProsoponError("bad-file", "It holds no averaged weights (model_ema).", {
      mend: "Import its live weights with --raw.",
    });
  const own = [...shapes.keys()].some((key) => key.startsWith("first_stage_model."));
  const stage = own ? firstStagePlan({ ...options, name: `${name}-first-stage` }, "first_stage_model.") : undefined;
  const stageName = stage?.name ?? firstStage;
  const nameOf = (ours: string) => (weights === "ema" && ours.startsWith(unetPlace) ? averageName(ours) : ours);
  const kind = conditionOf(shapes);
  if (kind !== "none" && stageName === undefined)
    throw new ProsoponError("bad-file", "It holds no first stage.", {
      mend: "Name an installed one with --first-stage NAME.",
    });
  const fields = { unet, ...latents.fields };
  const model: PlannedModel["model"] =
    kind === "none"
      ? {
          kind: "denoiser",
          config: { ...fields, ...(stageName === undefined ? {} : { firstStage: stageName }) } as never,
        }
      : kind === "emotion"
        ? {
            kind: "reenactment",
            config: {
              ...fields,
              emotions: [...publishedEmotions],
              embeddingSize: shapeOf(shapes, "cond_stage_model.embedding.weight")[1]!,
              firstStage: stageName!,
              null: "table",
            },
          }
        : { kind: "talking-face", config: talkingFaceFields(shapes, { ...fields, firstStage: stageName! }) };
  const sources = sourcesOf(model, shapes, nameOf);
  checkAllTaken(inside, new Set(sources.keys()), unetPlace);
  const titles = { none: "Denoiser", emotion: "Reenactment", "emotion-audio": "Talking face" } as const;
  const planned: PlannedModel = {
    name,
    title: `${titles[kind]} ${name}`,
    model,
    sources,
    assumed: [...(heads ? [] : derived.assumed), ...latents.assumed],
  };
  const foreign = own || shapes.has("betas");
  return {
    recognised: "latent-diffusion",
    format: foreign ? "latent-diffusion" : "prosopon",
    weights,
    models: stage ? [stage, planned] : [planned],
  };
}

/** The thesis' talking face in our configuration: emotion ‖ audio as one token, masked and identity latents beside the noisy one (reference 5.3). */
function talkingFaceFields(
  shapes: Shapes,
  fields: Pick<TalkingFaceConfig, "unet" | "parameterization" | "schedule" | "scaleFactor" | "firstStage">,
): TalkingFaceConfig {
  const featureSize = shapeOf(shapes, "cond_stage_model_2.attentionConvNet.0.weight")[1]!;
  const around = (shapeOf(shapes, "cond_stage_model_2.attentionNet.0.weight")[0]! - 1) / 2;
  return {
    ...fields,
    emotions: [...publishedEmotions],
    conditions: {
      emotion: { size: shapeOf(shapes, "cond_stage_model_1.embedding.weight")[1]! },
      audio: {
        features: "wav2vec2-base-hidden",
        featureSize,
        before: around,
        after: around,
        encode: "temporal-attention",
        size: featureSize,
      },
      masked: true,
      identity: true,
    },
    enter: "tokens",
    framesPerSecond: 30,
    codebook: true,
    latentSide: 32,
  };
}

function unetPlan(options: PlanImportOptions, names?: ReadonlyMap<string, string>): PlannedModel {
  const { name, shapes, given = {}, firstStage } = options;
  const ours = names ? new Map(Array.from(shapes, ([key, shape]) => [names.get(key)!, shape])) : shapes;
  const derived = unetShapes(ours);
  const { config: unet, heads } = withGivenUnet(derived.config, given);
  const latents = latentsOf(options);
  const config = { unet, ...latents.fields, ...(firstStage === undefined ? {} : { firstStage }) };
  const model = { kind: "denoiser", config } as PlannedModel["model"];
  const theirs = names && new Map(Array.from(names, ([their, our]) => [our, their]));
  const sources = sourcesOf(model, shapes, (our) => {
    const inner = our.slice(unetPlace.length);
    return theirs ? (theirs.get(inner) ?? inner) : inner;
  });
  checkAllTaken(shapes, new Set(sources.values()), "");
  const assumed = [...(heads ? [] : derived.assumed), ...latents.assumed];
  return { name, title: `Denoiser ${name}`, model, sources, assumed };
}

/**
 * What an import would write, from names and shapes alone: recognises the file, derives the configurations and pairs the tensors.
 * @throws `bad-file` with the reason for a file that cannot be imported.
 */
export function planImport(options: PlanImportOptions): ImportPlan {
  const { shapes } = options;
  const recognised = recognise(shapes);
  if (recognised !== "latent-diffusion" && options.weights === "ema")
    throw new ProsoponError("bad-file", "It holds no averaged weights (model_ema).", {
      mend: "Leave --ema out.",
    });
  const single = (format: ImportPlan["format"], model: PlannedModel) => ({
    recognised,
    format,
    weights: "raw" as const,
    models: [model],
  });
  const plan =
    recognised === "latent-diffusion"
      ? latentDiffusionPlan(options)
      : recognised === "taming"
        ? single("taming", firstStagePlan(options, ""))
        : recognised === "unet"
          ? single("latent-diffusion", unetPlan(options))
          : recognised === "diffusers-unet"
            ? single("diffusers", unetPlan(options, diffusersUnetNames(shapes)))
            : single("diffusers", firstStagePlan(options, "", diffusersFirstStageNames(shapes)));
  const taken = new Set(plan.models.flatMap(({ sources }) => [...sources.values()]));
  return { ...plan, unused: [...shapes.keys()].filter((name) => !taken.has(name)) };
}
