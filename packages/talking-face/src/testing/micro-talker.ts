import { type TalkConditions, type TalkConfig, talkConditions, talkNetwork } from "@prosopon/conditioning";
import { unetConfig } from "@prosopon/core-diffusion";
import { graph, input, type Tensor } from "@prosopon/graph";
import { initialize, type Scope, scope } from "@prosopon/nn";
import { declareFirstStage, vqganConfig } from "@prosopon/vqgan";
import type { FirstStage, TalkDenoiser } from "../talk-model.ts";

export interface MicroTalkerOptions {
  readonly seed?: number;
  readonly conditions?: TalkConditions;
}

export interface MicroTalker {
  readonly firstStage: FirstStage;
  readonly denoiser: TalkDenoiser;
}

/** Numbers for each frame of speech that the micro talker hears. */
export const microFeatures = 6;

/** Layers whose weights start at zero would hide the rest of the network. */
const awake = (place: Scope, seed: number): Record<string, Tensor> =>
  Object.fromEntries(
    initialize(
      [...place.parameters.values()].map((specification) => {
        const { initializer, shape } = specification;
        const asleep = initializer.kind === "constant" && initializer.value === 0 && shape.length > 1;
        return asleep ? { ...specification, initializer: { kind: "normal", std: 0.05 } } : specification;
      }),
      seed,
    ),
  );

const everything: TalkConditions = {
  emotion: { size: 4 },
  audio: { features: "any", featureSize: microFeatures, before: 2, after: 1, encode: "convolutional", size: 8 },
  controls: { names: ["yaw", "blink"], size: 4 },
  masked: true,
  identity: true,
  motion: 2,
};

/** The smallest first stage (16 x 16 pictures -> 8 x 8 latents) and talking face, with random weights: for tests and examples. */
export function microTalker({ seed = 1, conditions = everything }: MicroTalkerOptions = {}): MicroTalker {
  const first = vqganConfig({
    embed_dim: 3,
    n_embed: 32,
    ddconfig: {
      z_channels: 3,
      resolution: 16,
      ch: 8,
      ch_mult: [1, 1],
      num_res_blocks: 1,
      attn_resolutions: [],
      middleAttention: false,
    },
  });
  const { emotion, audio, controls, masked, identity, motion = 0 } = conditions;
  const beside = Number(masked ?? false) + Number(identity ?? false) + motion;
  const config: TalkConfig = {
    unet: unetConfig({
      in_channels: 3 * (1 + beside),
      out_channels: 3,
      model_channels: 8,
      // With one channel a group, a normalisation takes away what is told: the network would be deaf.
      groups: 2,
      attention_resolutions: [2],
      num_res_blocks: 1,
      channel_mult: [1, 1],
      num_head_channels: 8,
      embeddingSize: (emotion?.size ?? 0) + (audio?.size ?? 0) + (controls?.size ?? 0) || null,
    }),
    emotions: ["neutral", "happy", "sad"],
    conditions,
    enter: "embedding",
    parameterization: "v",
    schedule: { linear_start: 0.0015, linear_end: 0.0205, timesteps: 1000 },
    scaleFactor: 0.8,
    framesPerSecond: 25,
    codebook: false,
  };
  const autoencoder = scope(graph());
  declareFirstStage(autoencoder, first);
  const network = scope(graph());
  const latent = [3, 8, 8] as const;
  const told = talkConditions(config, latent).encode(network, { batch: 1 });
  talkNetwork(
    network,
    config,
    told,
  )(input(network.graph, "noisy", "float32", [1, ...latent]), input(network.graph, "time", "float32", [1]));
  return {
    firstStage: { config: first, parameters: awake(autoencoder, seed) },
    denoiser: { config, parameters: awake(network, seed + 1) },
  };
}
