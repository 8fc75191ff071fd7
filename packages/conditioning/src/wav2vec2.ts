import { ProsoponError } from "@prosopon/errors";
import { add, gelu, reshape, transpose, type Value } from "@prosopon/graph";
import { attention, conv1d, groupNorm, layerNorm, linear, type Scope } from "@prosopon/nn";
import { extractedLength, fewestSamples, type Wav2Vec2Config } from "./wav2vec2-config.ts";

export interface Wav2Vec2Options {
  /**
   * Changes how many vectors there are [B, L, channels] -> [B, frames, channels] before projection and transformer, such as
   * `interpolateFrames`: so the thesis gets one hidden state for each video frame.
   */
  readonly resample?: (extracted: Value) => Value;
}

export interface Wav2Vec2Values {
  /** What the convolutions extract [B, L, channels], one vector for 20 ms in the published networks; not resampled. */
  readonly extracted: Value;
  /** Last hidden states of the transformer [B, L or frames, width]. */
  readonly hidden: Value;
  /** Unnormalised scores of the characters [B, L or frames, labels]; present when the configuration has labels. */
  readonly logits?: Value;
}

/**
 * wav2vec 2.0 (Baevski et al. 2020) over waveforms [B, samples] at 16 kHz. Parameters as Hugging Face's `Wav2Vec2Model` names them
 * (`feature_extractor.conv_layers.0.conv.weight`, `encoder.layers.0.attention.q_proj.weight`, ...), the head as `lm_head`; weight normalisation is
 * folded, see `wav2vec2Weights`.
 * @throws `bad-input` when the waveforms are too short for one vector.
 */
export function wav2vec2(
  place: Scope,
  waveform: Value,
  config: Wav2Vec2Config,
  { resample = (v) => v }: Wav2Vec2Options = {},
): Wav2Vec2Values {
  const [batch, samples] = waveform.shape as [number, number];
  if (waveform.shape.length !== 2 || extractedLength(config, samples) < 1)
    throw new ProsoponError("bad-input", `A waveform [${waveform.shape}] is too short for wav2vec 2.0.`, {
      values: { shape: waveform.shape },
      mend: `Give [batch, samples] with at least ${fewestSamples(config)} samples.`,
    });
  const extractor = place.at("feature_extractor").at("conv_layers");
  const signal = config.convolutions.reduce<Value>(
    (v, [outputs, kernel, stride], i) => {
      const convolved = conv1d(extractor.at(i).at("conv"), v, { outputs, kernel, stride, bias: false });
      return gelu(i === 0 ? groupNorm(extractor.at(i).at("layer_norm"), convolved, { groups: outputs }) : convolved);
    },
    reshape(waveform, [batch, 1, samples]),
  );
  const extracted = transpose(signal, [0, 2, 1]);
  const projection = place.at("feature_projection");
  const normal = layerNorm(projection.at("layer_norm"), resample(extracted));
  const projected = linear(projection.at("projection"), normal, { outputs: config.width });
  const encoder = place.at("encoder");
  let hidden = layerNorm(encoder.at("layer_norm"), add(projected, positions(encoder, projected, config)));
  for (let i = 0; i < config.layers; i++) hidden = block(encoder.at("layers").at(i), hidden, config);
  if (config.labels === undefined) return { extracted, hidden };
  return { extracted, hidden, logits: linear(place.at("lm_head"), hidden, { outputs: config.labels }) };
}

/** A grouped convolution over time in the place of positional embeddings. */
function positions(encoder: Scope, x: Value, { positionKernel: kernel, positionGroups, width }: Wav2Vec2Config): Value {
  // The original pads both sides by half a kernel and, if that is even, drops the last position.
  const convolved = conv1d(encoder.at("pos_conv_embed").at("conv"), transpose(x, [0, 2, 1]), {
    outputs: width,
    kernel,
    padding: [Math.floor(kernel / 2), Math.floor((kernel - 1) / 2)],
    groups: positionGroups,
  });
  return transpose(gelu(convolved), [0, 2, 1]);
}

/** A transformer block that normalises after each addition (Vaswani et al. 2017). */
function block(place: Scope, x: Value, { width, inner, heads }: Wav2Vec2Config): Value {
  const self = place.at("attention");
  const of = (name: string, v: Value) => linear(self.at(name), v, { outputs: width });
  const mixed = attention(of("q_proj", x), of("k_proj", x), of("v_proj", x), { heads });
  const attended = layerNorm(place.at("layer_norm"), add(x, of("out_proj", mixed)));
  const forward = place.at("feed_forward");
  const wide = gelu(linear(forward.at("intermediate_dense"), attended, { outputs: inner }));
  return layerNorm(
    place.at("final_layer_norm"),
    add(attended, linear(forward.at("output_dense"), wide, { outputs: width })),
  );
}
