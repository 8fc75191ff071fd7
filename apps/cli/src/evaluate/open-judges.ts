import { type Tensor, tensor } from "@prosopon/graph";
import type { Image } from "@prosopon/media";
import { toPlanar, toRgb } from "@prosopon/media";
import type { Manifest } from "@prosopon/models";
import { openModel } from "@prosopon/models/node";
import {
  createExpertDistance,
  createExpertRunner,
  type ExpertRunner,
  emotionClassifier,
  identityEmbedder,
  type PairJudge,
} from "@prosopon/perception";
import type { Host } from "@prosopon/runtime";
import type { Context } from "../context.ts";
import { modelFolders } from "../model-folders.ts";
import { isWeightsFile, openHsemotion, openIresnet } from "./foreign-judges.ts";

/** One picture as [1, 3, H, W] in -1..1. */
export const planesOf = (image: Image): Tensor<"float32"> =>
  tensor("float32", [1, 3, image.height, image.width], toPlanar(toRgb(image)));

export interface NamedRunner extends ExpertRunner {
  /** Model and the hash of its weights, for protocol lines. */
  readonly note: string;
}

export interface EmotionJudge extends NamedRunner {
  readonly classes: readonly string[];
}

/** A model's name with the hashes of its weights, for protocol lines. */
export const modelNote = ({ name, files }: Pick<Manifest, "name" | "files">): string =>
  `${name} (sha256 ${files.map(({ sha256 }) => sha256.slice(0, 12)).join(", ")})`;

/** The emotion classifier of a model, or HSEmotion's of a file of weights. @throws `not-found`, `bad-input` for a model of another kind. */
export async function openEmotionJudge(context: Context, host: Host, model: string): Promise<EmotionJudge> {
  if (isWeightsFile(model)) return openHsemotion(host, model);
  const { manifest, parameters } = await openModel(modelFolders(context), model, { kind: "emotion-classifier" });
  const { classes } = manifest.config;
  const expert = emotionClassifier({ ...manifest.config, classes: classes.length });
  return { ...createExpertRunner({ host, expert, parameters }), classes, note: modelNote(manifest) };
}

/** The face embedder of a model, or insightface's of a file of weights. @throws as above. */
export async function openIdentityJudge(context: Context, host: Host, model: string): Promise<NamedRunner> {
  if (isWeightsFile(model)) return openIresnet(host, model);
  const { manifest, parameters } = await openModel(modelFolders(context), model, { kind: "identity-embedder" });
  const expert = identityEmbedder(manifest.config);
  return { ...createExpertRunner({ host, expert, parameters }), note: modelNote(manifest) };
}

/** The distance by the stages of the emotion judge: what there is without LPIPS' trunks. */
export async function openOwnDistance(context: Context, host: Host): Promise<PairJudge & { readonly note: string }> {
  const { manifest, parameters } = await openModel(modelFolders(context), "emotion-judge-portraits", {
    kind: "emotion-classifier",
  });
  const expert = emotionClassifier({ ...manifest.config, classes: manifest.config.classes.length });
  return { ...createExpertDistance({ host, expert, parameters }), note: modelNote(manifest) };
}

/** Rows of an expert's output for pictures, one picture at a time. */
export async function rowOf(runner: ExpertRunner, image: Image, signal: AbortSignal): Promise<Float32Array> {
  return (await runner.run(planesOf(image), { signal })).data;
}
