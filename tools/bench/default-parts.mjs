import { fileURLToPath } from "node:url";
import { listModels, openModelFolder } from "@prosopon/models/node";
import { portraitFirstStage, portraitUnet } from "@prosopon/recipes/node";
import { filledParameters } from "./filled.mjs";
import { decodeGraph, encodeGraph, unetGraph } from "./networks.mjs";

const folder = fileURLToPath(new URL("../../models", import.meta.url));
const emotions = ["neutral", "happy", "sad", "surprised", "fear", "disgusted", "angry", "contempt"];

/** The default architectures with made-up weights: speed does not depend on them. */
function madeUp() {
  const side = portraitFirstStage.ddconfig.resolution;
  const small = side / 2 ** (portraitFirstStage.ddconfig.ch_mult.length - 1);
  const { specifications } = unetGraph(portraitUnet, [portraitUnet.in_channels, small, small]);
  const size = portraitUnet.context_dim;
  const table = (name, rows) => ({ name: `cond_stage_model.${name}.weight`, shape: [rows, size] });
  return {
    source: "the recipes' architectures with made-up weights",
    side,
    firstStage: {
      config: portraitFirstStage,
      parameters: filledParameters([
        ...encodeGraph(portraitFirstStage, side).specifications,
        ...decodeGraph(portraitFirstStage, side).specifications,
      ]),
    },
    denoiser: {
      config: {
        unet: portraitUnet,
        emotions,
        embeddingSize: size,
        parameterization: "v",
        schedule: { linear_start: 0.0015, linear_end: 0.0205, timesteps: 1000 },
        scaleFactor: 1,
      },
      parameters: filledParameters([
        ...specifications.map((one) => ({ ...one, name: `model.diffusion_model.${one.name}` })),
        table("embedding", emotions.length),
        table("uncond_embedding", 1),
      ]),
    },
  };
}

/** First stage and denoiser that an edit uses by default: the models of this repository if they are there. */
export async function defaultParts() {
  const listed = await listModels([folder]);
  const found = listed.find(({ manifest }) => manifest?.kind === "reenactment");
  const stage = listed.find(({ name }) => name === found?.manifest.config.firstStage);
  if (!found || !stage) return madeUp();
  const first = await openModelFolder(stage.folder, { kind: "first-stage" });
  const denoiser = await openModelFolder(found.folder, { kind: "reenactment" });
  return {
    source: `the models ${first.manifest.name} and ${denoiser.manifest.name}`,
    side: first.manifest.config.ddconfig.resolution,
    firstStage: { config: first.manifest.config, parameters: first.parameters },
    denoiser: { config: denoiser.manifest.config, parameters: denoiser.parameters },
  };
}
