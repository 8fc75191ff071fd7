import { unet, unetConfig } from "@prosopon/core-diffusion";
import { graph, input, type Tensor } from "@prosopon/graph";
import { initialize, type Scope, scope } from "@prosopon/nn";
import { declareFirstStage, vqganConfig } from "@prosopon/vqgan";
import type { EmotionDenoiser, EmotionDenoiserConfig, FirstStage } from "../programs.ts";

export interface MicroModelOptions {
  readonly seed?: number;
  /** Layers that start at zero keep it, so that the network predicts 0 (default: they are drawn, so that it says something). */
  readonly silent?: boolean;
  readonly scaleFactor?: number;
  /** Of both networks; default 8. From 16 on int8 is worth it. */
  readonly channels?: number;
}

export interface MicroModel {
  readonly firstStage: FirstStage;
  readonly denoiser: EmotionDenoiser;
}

/** Layers whose weights start at zero would hide the rest of the network. */
const awake = (place: Scope, seed: number, silent: boolean): Record<string, Tensor> =>
  Object.fromEntries(
    initialize(
      [...place.parameters.values()].map((specification) => {
        const { initializer, shape } = specification;
        const asleep = !silent && initializer.kind === "constant" && initializer.value === 0 && shape.length > 1;
        return asleep ? { ...specification, initializer: { kind: "normal", std: 0.05 } } : specification;
      }),
      seed,
    ),
  );

/** The smallest first stage (16 x 16 pictures -> 8 x 8 latents) and denoiser, with random weights: for tests and examples. */
export function microModel(options: MicroModelOptions = {}): MicroModel {
  const { seed = 1, silent = false, scaleFactor = 1, channels = 8 } = options;
  const first = vqganConfig({
    embed_dim: 3,
    n_embed: 32,
    ddconfig: {
      z_channels: 3,
      resolution: 16,
      ch: channels,
      ch_mult: [1, 1],
      num_res_blocks: 1,
      attn_resolutions: [],
      middleAttention: false,
    },
  });
  const config: EmotionDenoiserConfig = {
    unet: unetConfig({
      in_channels: 3,
      out_channels: 3,
      model_channels: channels,
      attention_resolutions: [2],
      num_res_blocks: 1,
      channel_mult: [1, 1],
      num_head_channels: 8,
      context_dim: 12,
    }),
    emotions: ["neutral", "happy", "sad", "surprised", "scared", "disgusted", "angry", "contempt"],
    embeddingSize: 12,
    parameterization: "epsilon",
    schedule: { linear_start: 0.0015, linear_end: 0.0205, timesteps: 1000 },
    scaleFactor,
  };
  const stage = scope(graph());
  declareFirstStage(stage, first);
  const net = scope(graph());
  const value = (name: string, ...shape: number[]) => input(net.graph, name, "float32", shape);
  unet(
    net.at("model.diffusion_model"),
    { x: value("x", 1, 3, 8, 8), t: value("t", 1), context: value("context", 1, 1, 12) },
    config.unet,
  );
  net.parameter("cond_stage_model.embedding.weight", [8, 12], { kind: "normal", std: 1 });
  net.parameter("cond_stage_model.uncond_embedding.weight", [1, 12], { kind: "normal", std: 1 });
  return {
    firstStage: { config: first, parameters: awake(stage, seed, silent) },
    denoiser: { config, parameters: awake(net, seed, silent) },
  };
}
