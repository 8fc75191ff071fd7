import { abs, add, concat, mul, reduceMean, slice, square, stopGradient, sub, type Value } from "@prosopon/graph";
import { conv2d, type Expert, except, under } from "@prosopon/nn";
import { stageDistance } from "@prosopon/perception";
import { compileStep } from "@prosopon/training";
import { decoder, encode, quantize, type VqganConfig } from "@prosopon/vqgan";
import { cosineAdam } from "./cosine-adam.ts";

export interface FirstStageStepOptions {
  readonly config: VqganConfig;
  readonly batch: number;
  /** Side of the training pictures or crops. */
  readonly side: number;
  readonly learningRate: number;
  readonly steps: number;
  /**
   * "decoder" leaves encoder and codebook, hence all latents, as they are: the decoder learns from codes in one half of a batch, from noisy
   * latents in the other, since edits go through the codebook and talks do not.
   */
  readonly part?: "all" | "decoder";
  /** What the picture looks like to this network counts too, `weight` times (see `stageDistance`); its parameters stand under "perceptual". */
  readonly perceptual?: { readonly expert: Expert; readonly weight: number };
}

/** Where the expert of the perceptual term stands. */
export const perceptualPlace = "perceptual";

/** Standard deviation of the noise that stands in for quantisation. */
const roughness = 0.08;

/** Differences of neighbours to the right and below: where edges are. */
function edges(x: Value): readonly Value[] {
  return [2, 3].map((axis) => sub(slice(x, { axis, start: 1 }), slice(x, { axis, start: 0, end: -1 })));
}

/**
 * Reconstruction by L1 of pixels, of edges and of colour, weighted by `attention` (eyes, brows and mouth matter most). The codebook does not
 * take part: noise of a fixed size on the latent and a small pull to zero make it as smooth as codes of that distance need.
 */
export const firstStageStep = (options: FirstStageStepOptions) => {
  const { config, batch, side, learningRate, steps, part = "all", perceptual } = options;
  const factor = 2 ** (config.ddconfig.ch_mult.length - 1);
  const latent = [batch, config.embed_dim, side / factor, side / factor];
  return compileStep({
    name: "first-stage",
    inputs: {
      image: { shape: [batch, 3, side, side] },
      attention: { shape: [batch, 1, side, side] },
      noise: { shape: latent },
    },
    build({ scope, inputs }) {
      const h = encode(scope, inputs.image, config);
      const rough = add(h, mul(inputs.noise, roughness));
      const coded = () => {
        const half = Math.ceil(batch / 2);
        const { codes } = quantize(scope.at("quantize"), slice(h, { axis: 0, start: 0, end: half }), config);
        return stopGradient(concat([codes, slice(rough, { axis: 0, start: half })], 0));
      };
      const z = part === "all" ? rough : coded();
      const post = conv2d(scope.at("post_quant_conv"), z, { outputs: config.ddconfig.z_channels, kernel: 1 });
      const reconstruction = decoder(scope.at("decoder"), post, config);
      const difference = sub(reconstruction, inputs.image);
      const pixels = reduceMean(mul(abs(difference), inputs.attention));
      // Red and blue against green: else the few numbers of a code go to brightness alone.
      const green = slice(difference, { axis: 1, start: 1, end: 2 });
      const colour = reduceMean(abs(sub(slice(difference, { axis: 1, start: 0, step: 2 }), green)));
      // The difference of edges is the edge of the difference.
      const edge = edges(difference)
        .map((d, axis) => reduceMean(mul(abs(d), slice(inputs.attention, { axis: axis + 2, start: 1 }))))
        .reduce(add);
      const pull = mul(reduceMean(square(h)), 1e-3);
      const error = reduceMean(square(difference));
      const terms = [pixels, edge, colour, pull];
      if (perceptual) {
        const { expert, weight } = perceptual;
        const seen = (image: Value) => expert.features(scope.at(perceptualPlace), expert.preprocess(image));
        terms.push(mul(reduceMean(stageDistance(seen(inputs.image), seen(reconstruction))), weight));
      }
      return {
        losses: { autoencoder: terms.reduce(add) },
        metrics: { pixels, error, latent: reduceMean(square(h)) },
      };
    },
    losses: {
      autoencoder: cosineAdam({
        learningRate,
        steps,
        warm: 200,
        weightDecay: 0,
        parameters: part === "all" ? except(under(perceptualPlace)) : under("decoder", "post_quant_conv"),
      }),
    },
    average: { decay: 0.999 },
  });
};
