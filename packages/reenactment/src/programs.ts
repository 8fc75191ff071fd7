import { emotion } from "@prosopon/conditioning";
import { guided, type Parameterisation, type UnetConfig, unet } from "@prosopon/core-diffusion";
import {
  type ActivationRanges,
  type Graph,
  graph,
  input,
  mul,
  observeRanges,
  output,
  quantize,
  type Value,
} from "@prosopon/graph";
import { type Scope, scope } from "@prosopon/nn";
import { type Program, programOf } from "@prosopon/runtime";
import { decode, encode, type VqganConfig } from "@prosopon/vqgan";
import type { Precision } from "./samplers.ts";

/** Where parameters lie, by the names of latent diffusion's checkpoints. */
export type Parameters = NonNullable<Program["parameters"]>;

/** The autoencoder between pictures and latents; its parameters are named `encoder.*`, `decoder.*`, `quantize.*` and so on. */
export interface FirstStage {
  readonly config: VqganConfig;
  readonly parameters: Parameters;
  /** What int8 needs to know of its activations: see `calibrate`. */
  readonly ranges?: ActivationRanges | undefined;
}

/** A denoiser that is told an emotion by one token. */
export interface EmotionDenoiserConfig {
  readonly unet: UnetConfig;
  /** Labels in the order of the rows of the embedding table. */
  readonly emotions: readonly string[];
  /** Length of the token. */
  readonly embeddingSize: number;
  readonly parameterization: Parameterisation;
  /** Linear in sqrt(beta). */
  readonly schedule: {
    readonly linear_start: number;
    readonly linear_end: number;
    readonly timesteps: number;
    readonly zeroTerminal?: boolean | undefined;
  };
  /** Latents are multiplied by it before diffusion. */
  readonly scaleFactor: number;
  /** γ of edits that say none; 5 if it has none. */
  readonly guidance?: number | undefined;
  /** The way to noise is guided no more than this where an edit does not say; absent: as much as the way back, as the reference has it. */
  readonly inversionGuidance?: number | undefined;
}

/** Its parameters are named `model.diffusion_model.*` and `cond_stage_model.embedding.weight` and `.uncond_embedding.weight`. */
export interface EmotionDenoiser {
  readonly config: EmotionDenoiserConfig;
  readonly parameters: Parameters;
  /** What int8 needs to know of its activations: see `calibrate`. */
  readonly ranges?: ActivationRanges | undefined;
}

/** How a network is computed; "observed" is float32 that also gives the ranges of what int8 would round. */
export type NetworkForm = Precision | "observed";

function program(
  name: string,
  { parameters, ranges = {} }: Pick<FirstStage, "parameters" | "ranges">,
  form: NetworkForm,
  build: (g: Graph, place: Scope) => Value,
): Program {
  const g = graph({ name });
  output(g, "result", build(g, scope(g)));
  return programOf(form === "int8" ? quantize(g, ranges) : form === "observed" ? observeRanges(g) : g, parameters);
}

/** `image` [B, 3, H, W] in [-1, 1] -> `result`: latents [B, C, h, w], before the codebook, times the scale factor. */
export const encodeProgram = (
  stage: FirstStage,
  scaleFactor: number,
  shape: readonly number[],
  form: NetworkForm = "float32",
): Program =>
  program("encode", stage, form, (g, place) =>
    mul(encode(place, input(g, "image", "float32", shape), stage.config), scaleFactor),
  );

/** `latent` [B, C, h, w] -> `result`: pictures [B, 3, H, W], not clamped, through the codebook. */
export const decodeProgram = (
  stage: FirstStage,
  scaleFactor: number,
  shape: readonly number[],
  form: NetworkForm = "float32",
): Program =>
  program("decode", stage, form, (g, place) =>
    decode(place, mul(input(g, "latent", "float32", shape), 1 / scaleFactor), stage.config),
  );

/** What tells the denoiser the emotion; its graph input is `emotion/label` [B]. */
export const emotionCondition = ({ emotions, embeddingSize }: EmotionDenoiserConfig) =>
  emotion({ classes: emotions, size: embeddingSize });

/**
 * `noisy` [B, C, h, w], `time` [B], `emotion/label` [B] -> `result`: the network's output; `guiding`: with the guidance of weight
 * `guidance` [B, 1, 1, 1] (both branches in one batch).
 */
export const stepProgram = (
  denoiser: EmotionDenoiser,
  shape: readonly number[],
  guiding: boolean,
  form: NetworkForm = "float32",
): Program =>
  program("step", denoiser, form, (g, place) => {
    const { config } = denoiser;
    const batch = shape[0]!;
    const { code, absent } = emotionCondition(config).encode(place.at("cond_stage_model"), { batch, name: "emotion" });
    const network = (x: Value, t: Value, context: Value) =>
      unet(place.at("model.diffusion_model"), { x, t, context }, config.unet);
    const noisy = input(g, "noisy", "float32", shape);
    const time = input(g, "time", "float32", [batch]);
    if (!guiding) return network(noisy, time, code);
    return guided({ network, context: code, absent, scale: input(g, "guidance", "float32", [batch, 1, 1, 1]) })(
      noisy,
      time,
    );
  });
