import { leakyRelu, type Value } from "@prosopon/graph";
import { batchNorm, conv2d, type Scope } from "@prosopon/nn";

export interface DiscriminatorConfig {
  /** Channels of the first layer (`disc_ndf`); default 64. */
  readonly channels?: number;
  /** Layers between the first and the last (`disc_num_layers`); all but the last of them halve the side. Default 3. */
  readonly layers?: number;
}

export interface DiscriminatorOptions {
  /** Given: training form of the batch normalisations, whose new buffers go into this map by name. Absent: inference form. */
  readonly updates?: Map<string, Value>;
}

/**
 * Patch discriminator (NLayerDiscriminator): images [B, 3, H, W] -> logits [B, 1, h, w], one for each patch.
 * `place` is normally "loss.discriminator"; parameters stand under `main.` as in the reference.
 */
export function discriminator(
  place: Scope,
  image: Value,
  { channels = 64, layers = 3 }: DiscriminatorConfig = {},
  { updates }: DiscriminatorOptions = {},
): Value {
  const main = place.at("main");
  const patch = (index: number, x: Value, outputs: number, stride: number, bias: boolean) => {
    const here = main.at(index);
    here.parameter("weight", [outputs, x.shape[1]!, 4, 4], { kind: "normal", std: 0.02 });
    return conv2d(here, x, { outputs, kernel: 4, stride, padding: 1, bias });
  };
  let h = leakyRelu(patch(0, image, channels, 2, true), 0.2);
  for (let n = 1; n <= layers; n++) {
    h = patch(3 * n - 1, h, channels * Math.min(2 ** n, 8), n < layers ? 2 : 1, false);
    h = leakyRelu(batchNorm(main.at(3 * n), h, updates ? { updates } : {}), 0.2);
  }
  return patch(3 * layers + 2, h, 1, 1, true);
}
