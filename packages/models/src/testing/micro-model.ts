import type { Tensor } from "@prosopon/graph";
import { initialize, type ParameterSpec } from "@prosopon/nn";
import { declaredParameters } from "../declared-parameters.ts";
import { type ManifestOf, type ModelKind, parseManifest } from "../manifest.ts";

export interface MicroModelOptions {
  readonly name?: string;
  readonly role?: "loss" | "judge";
  readonly domain?: "rendered portraits" | "photographs";
  readonly emotions?: readonly string[];
  /** For a reenactment model. */
  readonly firstStage?: string;
  /** Of reenactment models and first stages; default 8. From 16 on int8 is worth it. */
  readonly channels?: number;
}

const labels = ["neutral", "happy", "sad", "surprised", "scared", "disgusted", "angry", "contempt"];

/** The manifest of the smallest model of a kind, for tests; its `files` stand for none. */
export function microManifest<Kind extends ModelKind>(kind: Kind, options: MicroModelOptions = {}): ManifestOf<Kind> {
  const {
    name = `micro-${kind}`,
    role = "loss",
    domain = "rendered portraits",
    emotions = labels,
    channels = 8,
  } = options;
  const configs: Readonly<Record<ModelKind, unknown>> = {
    "first-stage": {
      embed_dim: 3,
      n_embed: 32,
      ddconfig: {
        z_channels: 3,
        resolution: 128,
        ch: channels,
        ch_mult: [1, 1, 1],
        num_res_blocks: 1,
        attn_resolutions: [],
        middleAttention: false,
      },
    },
    reenactment: {
      unet: {
        in_channels: 3,
        out_channels: 3,
        model_channels: channels,
        attention_resolutions: [2],
        num_res_blocks: 1,
        channel_mult: [1, 1],
        num_head_channels: 8,
        context_dim: 12,
      },
      emotions,
      embeddingSize: 12,
      schedule: { linear_start: 0.0015, linear_end: 0.0205, timesteps: 1000 },
      firstStage: options.firstStage ?? "micro-first-stage",
    },
    "talking-face": {
      unet: {
        in_channels: 12,
        out_channels: 3,
        model_channels: 8,
        groups: 2,
        attention_resolutions: [2],
        num_res_blocks: 1,
        channel_mult: [1, 1],
        num_head_channels: 8,
        embeddingSize: 16,
      },
      emotions,
      conditions: {
        emotion: { size: 4 },
        audio: { features: "log-mel", featureSize: 160, before: 1, after: 2, encode: "convolutional", size: 8 },
        controls: { names: ["yaw", "pitch", "roll", "blink", "intensity"], size: 4 },
        masked: true,
        identity: true,
        motion: 1,
      },
      enter: "embedding",
      parameterization: "v",
      schedule: { linear_start: 0.0015, linear_end: 0.0205, timesteps: 1000 },
      scaleFactor: 1,
      framesPerSecond: 25,
      codebook: false,
      latentSide: 32,
      firstStage: options.firstStage ?? "micro-first-stage",
    },
    denoiser: {
      unet: {
        in_channels: 3,
        out_channels: 3,
        model_channels: 8,
        groups: 2,
        attention_resolutions: [],
        num_res_blocks: 1,
        channel_mult: [1, 1],
        num_head_channels: 8,
        context_dim: 12,
      },
      schedule: { linear_start: 0.0015, linear_end: 0.0205, timesteps: 1000 },
    },
    "emotion-classifier": { architecture: "plain", classes: emotions, role },
    "identity-embedder": { architecture: "plain", size: 16, role },
    "portrait-landmarks": { architecture: "plain", role },
    "face-finder": { size: 96 },
  };
  return parseManifest({
    specification: "model/v1",
    name,
    kind,
    title: `Micro ${kind}`,
    description: "Random numbers, for tests.",
    licence: "Apache-2.0",
    domain,
    config: configs[kind],
    files: [{ name: "model.safetensors", sha256: "0".repeat(64), bytes: 0 }],
  }) as ManifestOf<Kind>;
}

/** Random values for every parameter of a model; also for weights that start at zero, which would hide the rest of a network. */
export const microParameters = (manifest: ManifestOf<ModelKind>, seed = 1): Map<string, Tensor> =>
  initialize(
    Array.from(declaredParameters(manifest).values(), (specification): ParameterSpec => {
      const { initializer, shape } = specification;
      const asleep = initializer.kind === "constant" && initializer.value === 0 && shape.length > 1;
      return asleep ? { ...specification, initializer: { kind: "normal", std: 0.05 } } : specification;
    }),
    seed,
  );
