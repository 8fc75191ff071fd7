import { emotion, talkConditions, talkNetwork } from "@prosopon/conditioning";
import { type UnetConfig, unet } from "@prosopon/core-diffusion";
import { graph, input } from "@prosopon/graph";
import { type ParameterSpec, type Scope, scope } from "@prosopon/nn";
import {
  emotionClassifier,
  identityEmbedder,
  landmarkNet,
  portraitLandmarks,
  tinyFaceDetector,
} from "@prosopon/perception";
import { declareFirstStage } from "@prosopon/vqgan";
import type { Manifest } from "./manifest.ts";
import type { ReenactmentConfig } from "./reenactment-config.ts";
import type { TalkingFaceConfig } from "./talking-face-config.ts";

/** Where the parts of a reenactment model stand, by the names of latent diffusion's checkpoints. */
export const reenactmentNames = {
  unet: "model.diffusion_model",
  emotion: "cond_stage_model",
} as const;

/**
 * The parameters that a model of this kind and configuration has, by name, in module order: those that its files must hold, in these
 * shapes. Found by building its graph. @throws `bad-input` for a configuration that no graph can be built of.
 */
export function declaredParameters(manifest: Pick<Manifest, "kind" | "config">): ReadonlyMap<string, ParameterSpec> {
  const { kind, config } = manifest as Manifest;
  const place = scope(graph({ name: kind }));
  const image = (side: number) => input(place.graph, "image", "float32", [1, 3, side, side]);
  if (kind === "first-stage") declareFirstStage(place, config);
  else if (kind === "reenactment") declareReenactment(place, config);
  else if (kind === "talking-face") declareTalkingFace(place, config);
  else if (kind === "denoiser") declareUnet(place.at(reenactmentNames.unet), config.unet);
  else if (kind === "emotion-classifier")
    emotionClassifier({ architecture: config.architecture, classes: config.classes.length }).features(
      place,
      image(128),
    );
  else if (kind === "identity-embedder") identityEmbedder(config).features(place, image(128));
  else if (kind === "portrait-landmarks") portraitLandmarks(config).features(place, image(128));
  else {
    tinyFaceDetector(place.at("detector"), image(config.size));
    landmarkNet(place.at("landmarks"), input(place.graph, "box", "float32", [1, 3, 112, 112]));
  }
  return place.parameters;
}

function declareUnet(place: Scope, config: UnetConfig): void {
  const side = 2 ** config.channel_mult.length;
  const { graph } = place;
  const { context_dim: width, embeddingSize: size } = config;
  unet(
    place,
    {
      x: input(graph, "x", "float32", [1, config.in_channels, side, side]),
      t: input(graph, "t", "int64", [1]),
      ...(width === null ? {} : { context: input(graph, "context", "float32", [1, 1, width]) }),
      ...(size === null ? {} : { embedding: input(graph, "embedding", "float32", [1, size]) }),
    },
    config,
  );
}

function declareReenactment(place: Scope, { unet: config, emotions, embeddingSize }: ReenactmentConfig): void {
  declareUnet(place.at(reenactmentNames.unet), config);
  emotion({ classes: emotions, size: embeddingSize }).encode(place.at(reenactmentNames.emotion), {
    batch: 1,
    name: "emotion",
  });
}

function declareTalkingFace(place: Scope, config: TalkingFaceConfig): void {
  const { latentSide: side, unet: body } = config;
  const latent = [body.out_channels, side, side] as const;
  const told = talkConditions(config, latent).encode(place, { batch: 1 });
  const noisy = input(place.graph, "noisy", "float32", [1, ...latent]);
  talkNetwork(place, config, told)(noisy, input(place.graph, "time", "float32", [1]));
}
