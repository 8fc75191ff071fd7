import { type UnetConfig, unetConfig } from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";
import { type Shapes, shapeOf } from "./shapes.ts";

/** What the shapes of a network do not tell, and what was taken for it. */
export interface Derived<Config> {
  readonly config: Config;
  /** One sentence each. */
  readonly assumed: readonly string[];
}

const refuse = (what: string): never => {
  throw new ProsoponError("bad-file", `Its U-Net cannot be run here: ${what}.`, {
    mend: "Spatial transformers, a class or token condition and plain residual blocks are supported.",
  });
};

interface Level {
  /** Channels of the blocks. */
  readonly channels: number;
  readonly blocks: number;
  readonly attends: boolean;
}

function levelsOf(shapes: Shapes): readonly Level[] {
  const levels: Level[] = [];
  let blocks: { channels: number; attends: boolean }[] = [];
  const close = () => {
    const [first] = blocks;
    if (!first) return refuse("a level has no blocks");
    if (blocks.some((one) => one.channels !== first.channels || one.attends !== first.attends))
      return refuse("the blocks of a level differ");
    levels.push({ ...first, blocks: blocks.length });
    blocks = [];
    return undefined;
  };
  for (let i = 1; ; i++) {
    const place = `input_blocks.${i}`;
    const convolution = shapes.get(`${place}.0.in_layers.2.weight`);
    if (convolution) {
      const channels = convolution[0]!;
      if (shapes.get(`${place}.0.emb_layers.1.weight`)?.[0] === 2 * channels)
        refuse("it scales and shifts by the time");
      if (shapes.has(`${place}.1.qkv.weight`)) refuse("its attention is none of spatial transformers");
      blocks.push({ channels, attends: shapes.has(`${place}.1.norm.weight`) });
    } else if (shapes.has(`${place}.0.op.weight`)) close();
    else break;
  }
  close();
  return levels;
}

/** Heads of attention: they divide every attending width, as all published models of the family have 32 channels each. */
const usualHead = 32;

/**
 * The configuration of a U-Net by the names of latent diffusion, without a prefix. The size of an attention head leaves no trace in the
 * shapes: it is taken to be 32 (or the narrowest width, where that is less). @throws `bad-file` for another kind of U-Net.
 */
export function unetShapes(shapes: Shapes): Derived<UnetConfig> {
  const first = shapeOf(shapes, "input_blocks.0.0.weight");
  const last = shapeOf(shapes, "out.2.weight");
  if (shapes.has("label_emb.weight") || shapes.has("label_emb.0.weight")) refuse("it adds a class to the time");
  const levels = levelsOf(shapes);
  const { blocks } = levels[0]!;
  const base = first[0]!;
  if (levels.some((level) => level.blocks !== blocks)) refuse("its levels have different numbers of blocks");
  if (levels.some(({ channels }) => channels % base)) refuse("its widths are no multiples of the first");
  const keys = [...shapes.keys()].filter((name) => name.endsWith("attn2.to_k.weight"));
  const widths = new Set(keys.map((name) => shapes.get(name)![1]!));
  if (widths.size > 1) refuse("its attention takes no context");
  const depth = 1 + Math.max(0, ...keys.map((name) => Number(/transformer_blocks\.(\d+)\./.exec(name)?.[1] ?? 0)));
  const head = keys.reduce((least, name) => Math.min(least, shapes.get(name)![0]!), usualHead);
  return {
    config: unetConfig({
      in_channels: first[1]!,
      out_channels: last[0]!,
      model_channels: base,
      attention_resolutions: levels.flatMap(({ attends }, i) => (attends ? [2 ** i] : [])),
      num_res_blocks: blocks,
      channel_mult: levels.map(({ channels }) => channels / base),
      num_head_channels: head,
      transformer_depth: depth,
      context_dim: [...widths][0] ?? null,
      middleAttention: shapes.has("middle_block.1.norm.weight"),
    }),
    assumed: keys.length > 0 ? [`Attention heads are taken to have ${head} channels.`] : [],
  };
}
