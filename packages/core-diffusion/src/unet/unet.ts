import { ProsoponError } from "@prosopon/errors";
import { add, concat, resizeNearest, silu, type Value } from "@prosopon/graph";
import { conv2d, groupNorm, linear, type Scope } from "@prosopon/nn";
import { residualBlock } from "./residual-block.ts";
import { spatialTransformer } from "./spatial-transformer.ts";
import { timestepEmbedding } from "./timestep-embedding.ts";
import type { SingleToken } from "./transformer-block.ts";
import type { UnetConfig } from "./unet-config.ts";

export interface UnetInputs {
  /** Noisy latents, with any concatenated condition channels: [B, in_channels, H, W]. */
  readonly x: Value;
  /** Times [B], int64 or float32; fractions allowed. */
  readonly t: Value;
  /** Tokens [B, M, context_dim]; absent exactly when the configuration has no `context_dim`. */
  readonly context?: Value | undefined;
  /** A vector [B, embeddingSize] that joins the time embedding; absent exactly when the configuration has none. */
  readonly embedding?: Value | undefined;
}

export interface UnetOptions {
  /** Default "constant". */
  readonly singleToken?: SingleToken;
  /** Called with the reference's module name ("input_blocks.1.0") and its result, for tests and features. */
  readonly trace?: (name: string, value: Value) => void;
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

function refuse(message: string, values: Readonly<Record<string, unknown>>): never {
  throw new ProsoponError("bad-input", message, { values });
}

function checkShapes({ x, context, embedding }: UnetInputs, c: UnetConfig): void {
  const [, channels, height, width] = x.shape;
  const factor = 2 ** (c.channel_mult.length - 1);
  if (x.shape.length !== 4 || channels !== c.in_channels)
    refuse(`The U-Net takes [B, ${c.in_channels}, H, W], not [${x.shape}].`, { shape: x.shape });
  if (height! % factor || width! % factor)
    refuse(`A ${height}x${width} latent does not halve ${c.channel_mult.length - 1} times.`, { shape: x.shape });
  if ((c.context_dim === null) !== (context === undefined))
    refuse(c.context_dim === null ? "This U-Net takes no context." : "This U-Net needs a context.", {
      context_dim: c.context_dim,
    });
  if (context && (context.shape.length !== 3 || context.shape[2] !== c.context_dim))
    refuse(`The context must be [B, tokens, ${c.context_dim}], not [${context.shape}].`, { shape: context.shape });
  if ((embedding ? `${embedding.shape.slice(1)}` : "null") !== `${c.embeddingSize}`)
    refuse(
      c.embeddingSize === null
        ? "This U-Net takes no embedding."
        : `This U-Net needs an embedding [B, ${c.embeddingSize}].`,
      { shape: embedding?.shape },
    );
}

/**
 * The denoising U-Net of latent diffusion (UNetModel with spatial transformers): -> [B, out_channels, H, W].
 * Parameters carry the reference's names and order below `place`, whose prefix is normally "model.diffusion_model".
 * @throws `bad-input` for shapes that do not fit the configuration.
 */
export function unet(place: Scope, inputs: UnetInputs, config: UnetConfig, options: UnetOptions = {}): Value {
  checkShapes(inputs, config);
  const { x, t, context, embedding } = inputs;
  const { singleToken = "constant", trace } = options;
  const { model_channels: base, num_res_blocks: repeats, channel_mult: factors } = config;
  const groups = config.groups ?? gcd(32, base);
  const traced = (name: string, value: Value): Value => {
    trace?.(name, value);
    return value;
  };

  const times = place.at("time_embed");
  let emb = linear(times.at(0), timestepEmbedding(t, base), { outputs: 4 * base });
  emb = traced("time_embed", linear(times.at(2), silu(emb), { outputs: 4 * base }));
  if (embedding) {
    const joined = place.at("label_emb");
    const hidden = silu(linear(joined.at(0), embedding, { outputs: 4 * base }));
    emb = add(emb, linear(joined.at(2), hidden, { outputs: 4 * base }));
  }

  const residual = (name: string, h: Value, out: number) =>
    traced(name, residualBlock(place.at(name), h, emb, { out, groups }));
  const transformer = (name: string, h: Value) => {
    const heads = config.num_heads ?? h.shape[1]! / config.num_head_channels!;
    if (!Number.isInteger(heads) || h.shape[1]! % heads)
      refuse(`${h.shape[1]} channels at ${name} do not divide into heads.`, {
        num_head_channels: config.num_head_channels,
      });
    const shape = { heads, singleToken, depth: config.transformer_depth, groups };
    return traced(name, spatialTransformer(place.at(name), h, context, shape));
  };

  let h = conv2d(place.at("input_blocks").at(0).at(0), x, { outputs: base, kernel: 3, padding: 1 });
  traced("input_blocks.0", h);
  const skips = [h];
  let block = 0;
  let downsampling = 1;
  const keep = () => {
    skips.push(traced(`input_blocks.${block}`, h));
  };
  factors.forEach((factor, level) => {
    for (let i = 0; i < repeats; i++) {
      const name = `input_blocks.${++block}`;
      h = residual(`${name}.0`, h, factor * base);
      if (config.attention_resolutions.includes(downsampling)) h = transformer(`${name}.1`, h);
      keep();
    }
    if (level === factors.length - 1) return;
    const op = place.at("input_blocks").at(++block).at(0).at("op");
    h = conv2d(op, h, { outputs: h.shape[1]!, kernel: 3, stride: 2, padding: 1 });
    downsampling *= 2;
    keep();
  });

  const middle = h.shape[1]!;
  h = residual("middle_block.0", h, middle);
  if (config.middleAttention) h = transformer("middle_block.1", h);
  h = traced("middle_block", residual(`middle_block.${config.middleAttention ? 2 : 1}`, h, middle));

  block = 0;
  for (let level = factors.length - 1; level >= 0; level--) {
    for (let i = 0; i <= repeats; i++) {
      const name = `output_blocks.${block++}`;
      h = residual(`${name}.0`, concat([h, skips.pop()!], 1), factors[level]! * base);
      const attends = config.attention_resolutions.includes(downsampling);
      if (attends) h = transformer(`${name}.1`, h);
      if (level > 0 && i === repeats) {
        const up = place
          .at(name)
          .at(attends ? 2 : 1)
          .at("conv");
        h = conv2d(up, resizeNearest(h, 2), { outputs: h.shape[1]!, kernel: 3, padding: 1 });
        downsampling /= 2;
      }
      traced(name, h);
    }
  }

  const last = place.at("out");
  h = silu(groupNorm(last.at(0), h, { groups, epsilon: 1e-5 }));
  return conv2d(last.at(2), h, { outputs: config.out_channels, kernel: 3, padding: 1, zero: true });
}
