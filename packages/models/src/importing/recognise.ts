import { ProsoponError } from "@prosopon/errors";
import { below, type Shapes } from "./shapes.ts";

/**
 * What a file holds. `latent-diffusion`: a U-Net below `model.diffusion_model`, with what else there is; `taming`: a first stage alone;
 * `unet`: a U-Net without a prefix; the others by diffusers' names.
 */
export type Recognised = "latent-diffusion" | "taming" | "unet" | "diffusers-unet" | "diffusers-first-stage";

const signs: readonly (readonly [Recognised, readonly string[]])[] = [
  ["latent-diffusion", ["model.diffusion_model.input_blocks.0.0.weight"]],
  ["diffusers-first-stage", ["encoder.down_blocks.0.resnets.0.conv1.weight", "decoder.conv_in.weight"]],
  ["taming", ["encoder.down.0.block.0.conv1.weight", "decoder.conv_in.weight"]],
  ["diffusers-unet", ["time_embedding.linear_1.weight", "conv_in.weight", "conv_out.weight"]],
  ["unet", ["input_blocks.0.0.weight", "out.2.weight"]],
];

/** The first parts of the names, for a message. */
export function placesOf(shapes: Shapes): readonly string[] {
  return [...new Set(Array.from(shapes.keys(), (name) => name.split(".")[0]!))];
}

/** Tells from its names what a file holds. @throws `bad-file` naming what it holds instead. */
export function recognise(shapes: Shapes): Recognised {
  const found = signs.find(([, names]) => names.every((name) => shapes.has(name)));
  if (found) return found[0];
  const places = placesOf(shapes);
  throw new ProsoponError(
    "bad-file",
    `It is none of the models that can be imported: its ${shapes.size} tensors stand below ${places.slice(0, 8).join(", ")}${places.length > 8 ? " ..." : ""}.`,
    {
      values: { tensors: shapes.size, places },
      mend: "Latent diffusion, taming-transformers and diffusers' UNet2DConditionModel and VQModel are; look at it with `prosopon models inspect FILE`.",
    },
  );
}

/** Which conditions a latent-diffusion file holds: those of the thesis' two models, or none. @throws `bad-file` for others. */
export function conditionOf(shapes: Shapes): "emotion" | "emotion-audio" | "none" {
  const names = [...shapes.keys()].filter((name) => name.startsWith("cond_stage_model"));
  if (names.length === 0) return "none";
  if (shapes.has("cond_stage_model.embedding.weight") && shapes.has("cond_stage_model.uncond_embedding.weight"))
    return "emotion";
  const audio = [...below(shapes, "cond_stage_model_2").keys()];
  if (shapes.has("cond_stage_model_1.embedding.weight") && audio.includes("attentionNet.0.weight"))
    return "emotion-audio";
  throw new ProsoponError("bad-file", `Its condition is unknown: ${names.slice(0, 4).join(", ")}.`, {
    values: { names },
    mend: "The emotion table of the thesis' reenactment model and the emotion and audio of its talking face can be imported.",
  });
}
