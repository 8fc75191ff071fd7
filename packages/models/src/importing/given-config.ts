import type { UnetConfig } from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";
import type { VqganConfig } from "@prosopon/vqgan";
import { parse } from "yaml";

type Fields = Readonly<Record<string, unknown>>;

/** What a configuration file says, as far as it matters here; fields of its own names. */
export interface GivenConfig {
  /** `unet_config.params`, or the file of diffusers. */
  readonly unet?: Fields;
  /** `first_stage_config.params`, or `model.params` of a VQGAN. */
  readonly firstStage?: Fields;
  readonly linear_start?: number;
  readonly linear_end?: number;
  readonly timesteps?: number;
  readonly scale_factor?: number;
  readonly parameterization?: "epsilon" | "v" | "x0";
}

const longest = 1 << 20;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const fieldsAt = (value: unknown, ...path: readonly string[]): Fields | undefined => {
  let found: unknown = value;
  for (const key of path) found = isFields(found) ? found[key] : undefined;
  return isFields(found) ? found : undefined;
};

const parameterizations: Readonly<Record<string, GivenConfig["parameterization"]>> = {
  eps: "epsilon",
  v: "v",
  x0: "x0",
};

/**
 * Reads a yaml file of latent diffusion or taming-transformers, or a config.json of diffusers. @throws `bad-file` with the reason.
 */
export function givenConfig(text: string, source: string): GivenConfig {
  const bad = (message: string, cause?: unknown) =>
    new ProsoponError("bad-file", `${source} ${message}`, {
      values: { source },
      mend: "Give the yaml file that the model was trained with, or the config.json of diffusers.",
      cause,
    });
  if (text.length > longest) throw bad(`has ${text.length} characters, too many for a configuration.`);
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw bad(`is no yaml: ${(cause as Error).message.split("\n")[0]}.`, cause);
  }
  if (typeof fieldsAt(value)?.["_class_name"] === "string" || fieldsAt(value)?.["block_out_channels"] !== undefined)
    return { unet: diffusersUnet(value as Fields) };
  const params = fieldsAt(value, "model", "params");
  if (!params) throw bad("has no model.params.");
  const number = (key: string): Record<string, number> => {
    const found = params[key];
    if (found === undefined) return {};
    if (typeof found !== "number" || !Number.isFinite(found)) throw bad(`says ${key}: ${JSON.stringify(found)}.`);
    return { [key]: found };
  };
  const unet = fieldsAt(params, "unet_config", "params");
  const firstStage = params["ddconfig"] ? params : fieldsAt(params, "first_stage_config", "params");
  const told = params["parameterization"];
  const parameterization = typeof told === "string" ? parameterizations[told] : undefined;
  if (told !== undefined && !parameterization) throw bad(`says parameterization: ${JSON.stringify(told)}.`);
  return {
    ...(unet ? { unet } : {}),
    ...(firstStage ? { firstStage } : {}),
    ...number("linear_start"),
    ...number("linear_end"),
    ...number("timesteps"),
    ...number("scale_factor"),
    ...(parameterization ? { parameterization } : {}),
  };
}

/** `attention_head_dim` of diffusers' UNet2DConditionModel is, by an old mistake that stayed, the number of heads. */
function diffusersUnet(fields: Fields): Fields {
  const heads = fields["num_attention_heads"] ?? fields["attention_head_dim"];
  return {
    ...(typeof heads === "number" ? { num_heads: heads } : {}),
    ...(typeof fields["sample_size"] === "number" ? { image_size: fields["sample_size"] } : {}),
    in_channels: fields["in_channels"],
    out_channels: fields["out_channels"],
  };
}

/** @throws `bad-file` where the configuration contradicts the shapes. */
function agree(what: string, told: Fields, found: Fields, keys: readonly string[]): void {
  for (const key of keys) {
    if (told[key] === undefined || found[key] === undefined) continue;
    const [a, b] = [JSON.stringify(told[key]), JSON.stringify(found[key])];
    const same =
      Array.isArray(told[key]) && Array.isArray(found[key])
        ? `${[...told[key]].sort()}` === `${[...found[key]].sort()}`
        : a === b;
    if (!same)
      throw new ProsoponError("bad-file", `The configuration says ${what}.${key}: ${a}, the weights ${b}.`, {
        values: { key, told: told[key], found: found[key] },
        mend: "Weights and configuration must come from the same training.",
      });
  }
}

/** The U-Net of the shapes with what only the configuration tells: the heads of attention and the side of its latents. */
export function withGivenUnet(
  found: UnetConfig,
  { unet: told }: GivenConfig,
): { readonly config: UnetConfig; readonly heads: boolean } {
  if (!told) return { config: found, heads: false };
  const keys = [
    "in_channels",
    "out_channels",
    "model_channels",
    "num_res_blocks",
    "context_dim",
    "transformer_depth",
    "attention_resolutions",
    "channel_mult",
  ];
  agree("unet_config", told, found as unknown as Fields, keys);
  if (told["use_scale_shift_norm"] === true || told["resblock_updown"] === true)
    throw new ProsoponError("bad-file", "The configuration asks for scale-shift norms or residual resampling.", {
      mend: "Only the plain U-Net of latent diffusion is supported.",
    });
  const { num_head_channels: usual, num_heads: _, ...rest } = found;
  const count = (key: string) => (typeof told[key] === "number" && told[key] > 0 ? (told[key] as number) : undefined);
  const [channels, heads, side] = [count("num_head_channels"), count("num_heads"), count("image_size")];
  const attention =
    channels !== undefined
      ? { num_head_channels: channels }
      : heads !== undefined
        ? { num_heads: heads }
        : { num_head_channels: usual };
  return {
    config: { ...rest, ...attention, ...(side === undefined ? {} : { image_size: side }) } as UnetConfig,
    heads: channels !== undefined || heads !== undefined,
  };
}

/** The side of the pictures that a first stage was made for, where the configuration tells it. */
export function givenResolution({ firstStage }: GivenConfig): number | undefined {
  const side = fieldsAt(firstStage, "ddconfig")?.["resolution"];
  return typeof side === "number" && Number.isInteger(side) && side > 0 ? side : undefined;
}

/** @throws `bad-file` where the configuration contradicts the shapes of a first stage. */
export function checkFirstStage(found: VqganConfig, { firstStage: told }: GivenConfig): void {
  if (!told) return;
  agree("first_stage_config", told, found as unknown as Fields, ["embed_dim", "n_embed"]);
  const keys = ["z_channels", "in_channels", "out_ch", "ch", "num_res_blocks", "ch_mult", "attn_resolutions"];
  agree("ddconfig", fieldsAt(told, "ddconfig") ?? {}, found.ddconfig as unknown as Fields, keys);
}
