import { abs, add, mul, reduceMean, slice, square, sub, type Value } from "@prosopon/graph";
import { adamW, conv2d, cosineDecay, warmUp } from "@prosopon/nn";
import { compileStep } from "@prosopon/training";
import { decoder, encode, type VqganConfig } from "@prosopon/vqgan";

export interface FirstStageStepOptions {
  readonly config: VqganConfig;
  readonly batch: number;
  /** Side of the training pictures or crops. */
  readonly side: number;
  readonly learningRate: number;
  readonly steps: number;
}

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
export const firstStageStep = ({ config, batch, side, learningRate, steps }: FirstStageStepOptions) => {
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
      const z = add(h, mul(inputs.noise, roughness));
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
      return {
        losses: { autoencoder: [pixels, edge, colour, pull].reduce(add) },
        metrics: { pixels, error, latent: reduceMean(square(h)) },
      };
    },
    losses: {
      autoencoder: {
        parameters: () => true,
        optimizer: adamW({ beta2: 0.99, weightDecay: 0 }),
        learningRate: warmUp(
          Math.min(200, steps / 10),
          cosineDecay({ from: learningRate, to: learningRate / 50, steps }),
        ),
        clip: 1,
      },
    },
    average: { decay: 0.999 },
  });
};
