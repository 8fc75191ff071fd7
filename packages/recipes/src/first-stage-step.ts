import { abs, add, mul, reduceMean, slice, square, sub, type Value } from "@prosopon/graph";
import { adamW, conv2d, cosineDecay, under, warmUp } from "@prosopon/nn";
import { compileStep } from "@prosopon/training";
import { decoder, encode, quantize, type VqganConfig } from "@prosopon/vqgan";

export interface FirstStageStepOptions {
  readonly config: VqganConfig;
  readonly batch: number;
  /** Side of the training pictures or crops. */
  readonly side: number;
  /** False at first: without the codebook, with a little noise on the latent instead. */
  readonly quantized: boolean;
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
 * Reconstruction by L1 of pixels and of edges, weighted by `attention` (eyes, brows and mouth matter most). First continuous: noise of a fixed size on the latent and a small pull to zero, which make
 * the latent as smooth as a code of that size; then with the codebook (VQ loss of the reference).
 */
export const firstStageStep = ({ config, batch, side, quantized, learningRate, steps }: FirstStageStepOptions) => {
  const factor = 2 ** (config.ddconfig.ch_mult.length - 1);
  const latent = [batch, config.embed_dim, side / factor, side / factor];
  return compileStep({
    name: quantized ? "first-stage-quantized" : "first-stage-continuous",
    inputs: {
      image: { shape: [batch, 3, side, side] },
      attention: { shape: [batch, 1, side, side] },
      noise: { shape: latent },
    },
    build({ scope, inputs }) {
      const h = encode(scope, inputs.image, config);
      // Declared in both phases; computed only where it is used.
      const q = quantize(scope.at("quantize"), h, config);
      const z = quantized ? q.codes : add(h, mul(inputs.noise, roughness));
      const post = conv2d(scope.at("post_quant_conv"), z, { outputs: config.ddconfig.z_channels, kernel: 1 });
      const reconstruction = decoder(scope.at("decoder"), post, config);
      const difference = sub(reconstruction, inputs.image);
      const pixels = reduceMean(mul(abs(difference), inputs.attention));
      // The difference of edges is the edge of the difference.
      const edge = edges(difference)
        .map((d, axis) => reduceMean(mul(abs(d), slice(inputs.attention, { axis: axis + 2, start: 1 }))))
        .reduce(add);
      const pull = quantized ? q.loss : mul(reduceMean(square(h)), 1e-3);
      const error = reduceMean(square(difference));
      return {
        losses: { autoencoder: add(add(pixels, edge), pull) },
        metrics: { pixels, error, latent: reduceMean(square(h)) },
      };
    },
    losses: {
      autoencoder: {
        parameters: quantized ? () => true : (name) => !under("quantize")(name),
        optimizer: adamW({ beta2: 0.99, weightDecay: 0 }),
        learningRate: warmUp(Math.min(200, steps / 10), cosineDecay({ from: learningRate, to: learningRate / 50, steps })),
        clip: 1,
      },
    },
    average: { decay: 0.999 },
  });
};
