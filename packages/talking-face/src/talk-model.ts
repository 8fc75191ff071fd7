import type { TalkConfig } from "@prosopon/conditioning";
import type { Program } from "@prosopon/runtime";
import type { VqganConfig } from "@prosopon/vqgan";

/** Where parameters lie, by the names of latent diffusion's checkpoints. */
export type Parameters = NonNullable<Program["parameters"]>;

/** The autoencoder between pictures and latents. */
export interface FirstStage {
  readonly config: VqganConfig;
  readonly parameters: Parameters;
}

/** A denoiser of talking faces. Its parameters are named `model.diffusion_model.*`, `cond_stage_model_1.*` and so on. */
export interface TalkDenoiser {
  readonly config: TalkConfig;
  readonly parameters: Parameters;
}
