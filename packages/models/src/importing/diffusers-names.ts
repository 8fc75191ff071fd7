import type { Shapes } from "./shapes.ts";

type Rows = readonly (readonly [theirs: string, ours: string])[];

const residual: Rows = [
  ["norm1", "in_layers.0"],
  ["conv1", "in_layers.2"],
  ["time_emb_proj", "emb_layers.1"],
  ["norm2", "out_layers.0"],
  ["conv2", "out_layers.3"],
  ["conv_shortcut", "skip_connection"],
];

const top: Rows = [
  ["time_embedding.linear_1", "time_embed.0"],
  ["time_embedding.linear_2", "time_embed.2"],
  ["conv_in", "input_blocks.0.0"],
  ["conv_norm_out", "out.0"],
  ["conv_out", "out.2"],
  ["mid_block.attentions.0", "middle_block.1"],
];

const attention: Rows = [
  ["group_norm", "norm"],
  ["to_q", "q"],
  ["to_k", "k"],
  ["to_v", "v"],
  ["to_out.0", "proj_out"],
];

const olderAttention: Readonly<Record<string, string>> = { query: "q", key: "k", value: "v", proj_attn: "proj_out" };

const swap = (rows: Rows, name: string): string => {
  const row = rows.find(([theirs]) => name === theirs || name.startsWith(`${theirs}.`));
  return row ? row[1] + name.slice(row[0].length) : name;
};

/** Our name (that of latent diffusion) of a tensor of diffusers' UNet2DConditionModel with so many blocks a level. */
function unetName(name: string, blocks: number, attends: (level: number) => boolean): string {
  const parts = /^(down_blocks|up_blocks)\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.(.*)$/.exec(
    name,
  );
  if (!parts) {
    const middle = /^mid_block\.resnets\.([01])\.(.*)$/.exec(name);
    return middle ? `middle_block.${2 * Number(middle[1])}.${swap(residual, middle[2]!)}` : swap(top, name);
  }
  const [, side, text, what, place, rest] = parts as unknown as [string, string, string, string, string, string];
  const [level, index] = [Number(text), Number(place)];
  const down = side === "down_blocks";
  const block = down
    ? `input_blocks.${1 + level * (blocks + 1) + index}`
    : `output_blocks.${level * (blocks + 1) + index}`;
  if (what === "resnets") return `${block}.0.${swap(residual, rest)}`;
  if (what === "attentions") return `${block}.1.${rest}`;
  const sampler = rest.replace(/^conv\./, "");
  if (what === "downsamplers") return `input_blocks.${(level + 1) * (blocks + 1)}.0.op.${sampler}`;
  return `output_blocks.${(level + 1) * (blocks + 1) - 1}.${attends(level) ? 2 : 1}.conv.${sampler}`;
}

/** Our name (that of taming-transformers) of a tensor of diffusers' VQModel with so many levels. */
function firstStageName(name: string, levels: number): string {
  const block = (text: string) => text.replace(/^conv_shortcut\./, "nin_shortcut.");
  const attend = (text: string) =>
    swap(attention, text).replace(/^(query|key|value|proj_attn)\./, (_, old) => `${olderAttention[old]}.`);
  return name
    .replace(/^(encoder|decoder)\.conv_norm_out\./, "$1.norm_out.")
    .replace(/^encoder\.down_blocks\.(\d+)\.downsamplers\.0\./, "encoder.down.$1.downsample.")
    .replace(
      /^encoder\.down_blocks\.(\d+)\.resnets\.(\d+)\.(.*)$/,
      (_, i, j, rest) => `encoder.down.${i}.block.${j}.${block(rest)}`,
    )
    .replace(
      /^encoder\.down_blocks\.(\d+)\.attentions\.(\d+)\.(.*)$/,
      (_, i, j, rest) => `encoder.down.${i}.attn.${j}.${attend(rest)}`,
    )
    .replace(/^decoder\.up_blocks\.(\d+)\.upsamplers\.0\./, (_, i) => `decoder.up.${levels - 1 - i}.upsample.`)
    .replace(
      /^decoder\.up_blocks\.(\d+)\.resnets\.(\d+)\.(.*)$/,
      (_, i, j, rest) => `decoder.up.${levels - 1 - i}.block.${j}.${block(rest)}`,
    )
    .replace(
      /^decoder\.up_blocks\.(\d+)\.attentions\.(\d+)\.(.*)$/,
      (_, i, j, rest) => `decoder.up.${levels - 1 - i}.attn.${j}.${attend(rest)}`,
    )
    .replace(
      /^(encoder|decoder)\.mid_block\.resnets\.([01])\.(.*)$/,
      (_, side, j, rest) => `${side}.mid.block_${Number(j) + 1}.${block(rest)}`,
    )
    .replace(
      /^(encoder|decoder)\.mid_block\.attentions\.0\.(.*)$/,
      (_, side, rest) => `${side}.mid.attn_1.${attend(rest)}`,
    );
}

const highest = (names: Iterable<string>, pattern: RegExp): number =>
  Math.max(-1, ...Array.from(names, (name) => Number(pattern.exec(name)?.[1] ?? -1)));

/** Our names by those of diffusers' UNet2DConditionModel. */
export function diffusersUnetNames(shapes: Shapes): ReadonlyMap<string, string> {
  const blocks = highest(shapes.keys(), /^down_blocks\.0\.resnets\.(\d+)\./) + 1;
  const attends = (level: number) => shapes.has(`up_blocks.${level}.attentions.0.norm.weight`);
  return new Map(Array.from(shapes.keys(), (name) => [name, unetName(name, blocks, attends)]));
}

/** Our names by those of diffusers' VQModel. */
export function diffusersFirstStageNames(shapes: Shapes): ReadonlyMap<string, string> {
  const levels = highest(shapes.keys(), /^encoder\.down_blocks\.(\d+)\./) + 1;
  return new Map(Array.from(shapes.keys(), (name) => [name, firstStageName(name, levels)]));
}

const back = (rows: Rows): Rows => rows.map(([theirs, ours]) => [ours, theirs]);

/** The name of diffusers' UNet2DConditionModel for one of ours, with so many blocks a level (`num_res_blocks`). */
export function toDiffusersUnet(name: string, blocks: number): string {
  const parts = /^(input_blocks|output_blocks)\.(\d+)\.(\d+)\.(.*)$/.exec(name);
  const middle = /^middle_block\.([02])\.(.*)$/.exec(name);
  if (middle) return `mid_block.resnets.${Number(middle[1]) / 2}.${swap(back(residual), middle[2]!)}`;
  if (!parts || name.startsWith("input_blocks.0.")) return swap(back(top), name);
  const [, side, text, place, rest] = parts as unknown as [string, string, string, string, string];
  const down = side === "input_blocks";
  const block = Number(text) - (down ? 1 : 0);
  const [level, index] = [Math.floor(block / (blocks + 1)), block % (blocks + 1)];
  const here = `${down ? "down" : "up"}_blocks.${level}`;
  if (rest.startsWith("op.")) return `${here}.downsamplers.0.conv.${rest.slice(3)}`;
  if (/^conv\.(weight|bias)$/.test(rest)) return `${here}.upsamplers.0.${rest}`;
  return place === "0"
    ? `${here}.resnets.${index}.${swap(back(residual), rest)}`
    : `${here}.attentions.${index}.${rest}`;
}

/** The name of diffusers' VQModel for one of ours, with so many levels. */
export function toDiffusersFirstStage(name: string, levels: number): string {
  const block = (text: string) => text.replace(/^nin_shortcut\./, "conv_shortcut.");
  const attend = (text: string) => swap(back(attention), text);
  const side = (which: string, i: string) =>
    which === "encoder" ? `encoder.down_blocks.${i}` : `decoder.up_blocks.${levels - 1 - Number(i)}`;
  return name
    .replace(/^(encoder|decoder)\.norm_out\./, "$1.conv_norm_out.")
    .replace(/^encoder\.down\.(\d+)\.downsample\./, "encoder.down_blocks.$1.downsamplers.0.")
    .replace(/^decoder\.up\.(\d+)\.upsample\./, (_, i) => `${side("decoder", i)}.upsamplers.0.`)
    .replace(
      /^(encoder|decoder)\.(?:down|up)\.(\d+)\.block\.(\d+)\.(.*)$/,
      (_, which, i, j, rest) => `${side(which, i)}.resnets.${j}.${block(rest)}`,
    )
    .replace(
      /^(encoder|decoder)\.(?:down|up)\.(\d+)\.attn\.(\d+)\.(.*)$/,
      (_, which, i, j, rest) => `${side(which, i)}.attentions.${j}.${attend(rest)}`,
    )
    .replace(
      /^(encoder|decoder)\.mid\.block_([12])\.(.*)$/,
      (_, which, j, rest) => `${which}.mid_block.resnets.${Number(j) - 1}.${block(rest)}`,
    )
    .replace(
      /^(encoder|decoder)\.mid\.attn_1\.(.*)$/,
      (_, which, rest) => `${which}.mid_block.attentions.0.${attend(rest)}`,
    );
}
