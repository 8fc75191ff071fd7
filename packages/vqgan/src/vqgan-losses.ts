import { ProsoponError } from "@prosopon/errors";
import {
  add,
  clip,
  constant,
  constantOf,
  div,
  exp,
  gradients,
  mul,
  type Operand,
  reduceMean,
  reduceSum,
  sqrt,
  square,
  stopGradient,
  sub,
  tensor,
  type Value,
} from "@prosopon/graph";
import {
  conv2d,
  fanInUniform,
  hingeDiscriminator,
  hingeGenerator,
  meanAbsoluteError,
  type ParameterFilter,
  type Scope,
  under,
} from "@prosopon/nn";
import { decoder } from "./decoder.ts";
import { type DiscriminatorConfig, discriminator } from "./discriminator.ts";
import { declareFirstStage, encode, encodeMoments } from "./first-stage.ts";
import { quantize } from "./quantize.ts";
import type { VqganConfig } from "./vqgan-config.ts";

export interface VqganLossOptions {
  /** False: no adversary at all, neither its parameters nor its loss. Default {}: the reference's. */
  readonly discriminator?: DiscriminatorConfig | false;
  /**
   * 0 before the adversary joins, 1 after (`disc_start`): a number, or a scalar value that is fed at every step. Default 1.
   */
  readonly discriminatorFactor?: Operand;
  /** `disc_weight`, times the adaptive weight. Default 0.8. */
  readonly discriminatorWeight?: number;
  /** Default true: the generator's adversarial term is weighed by the ratio of gradient norms at the last layer. */
  readonly adaptive?: boolean;
  /** Default 1. */
  readonly codebookWeight?: number;
  /** β of the vector quantiser; default 0.25, on the codebook term as the reference has it. */
  readonly beta?: number;
  /** Standard normal numbers [B, embed_dim, h, w], needed by a `double_z` first stage, which samples its latents. */
  readonly noise?: Value;
  /** Weight of the KL term of a `double_z` first stage, a mean over its latents; default 1e-3. */
  readonly klWeight?: number;
  /** A differentiable distance of two image batches in [-1, 1]: a scalar, or one number for each image in any shape. */
  readonly perceptual?: (image: Value, reconstruction: Value) => Value;
  /** Default 1; without `perceptual` it does not matter. */
  readonly perceptualWeight?: number;
  /** Where the discriminator's parameters stand; default: `place` at "loss.discriminator". */
  readonly discriminatorPlace?: Scope;
  /** Where the discriminator's new buffers go, by name; default: a fresh map, returned as `updates`. */
  readonly updates?: Map<string, Value>;
}

export interface VqganLosses {
  /** The scalars to minimise: `generator` over the first stage's parameters, `discriminator` over the discriminator's. */
  readonly losses: { readonly generator: Value; readonly discriminator?: Value };
  /** The parameters that each loss trains (buffers are not among them). */
  readonly parameters: { readonly generator: ParameterFilter; readonly discriminator: ParameterFilter };
  /** Scalars worth logging. */
  readonly parts: {
    readonly reconstruction: Value;
    readonly negativeLogLikelihood: Value;
    /** Codebook and commitment terms; with `double_z` the KL divergence from a standard normal distribution, per latent number. */
    readonly codebook: Value;
    readonly adversarial?: Value;
    readonly adaptiveWeight?: Value;
  };
  /** Batch-normalisation buffers after the step, by name: assign them beside the optimizers' updates. */
  readonly updates: ReadonlyMap<string, Value>;
  /** [B, 3, H, W], about [-1, 1]. */
  readonly reconstruction: Value;
  /** Latent before quantisation (the mean with `double_z`) and the codes' indices [B·h·w], none with `double_z`. */
  readonly latent: Value;
  readonly indices: Value;
}

const norm = (x: Value): Value => sqrt(reduceSum(square(x)));

/**
 * λ = clamp(‖∂nll/∂W‖ / (‖∂g/∂W‖ + 1e-4), 0, 1e4) of eq. 7 in Esser et al. 2021, W the decoder's last layer; no gradient passes through it.
 */
export function adaptiveWeight(nll: Value, generator: Value, last: Value): Value {
  const [a] = gradients(nll, [last]);
  const [b] = gradients(generator, [last]);
  return stopGradient(clip(div(norm(a!), add(norm(b!), 1e-4)), 0, 1e4));
}

interface RegularLatent {
  readonly latent: Value;
  readonly codes: Value;
  readonly indices: Value;
  readonly loss: Value;
}

function quantizedLatent(place: Scope, image: Value, config: VqganConfig, beta: number): RegularLatent {
  const latent = encode(place, image, config);
  return { latent, ...quantize(place.at("quantize"), latent, config, { beta }) };
}

/** z = μ + σ·n and ½(μ² + σ² − 1 − ln σ²), its KL divergence (Kingma and Welling 2014, appendix B), as a mean. */
function sampledLatent(place: Scope, image: Value, config: VqganConfig, noise: Value | undefined): RegularLatent {
  const { mean, logVariance } = encodeMoments(place, image, config);
  if (`${noise?.shape}` !== `${mean.shape}`)
    throw new ProsoponError(
      "bad-input",
      `A first stage with double_z needs noise [${mean.shape}], not [${noise?.shape}].`,
      {
        values: { noise: noise?.shape, wanted: mean.shape },
        mend: "Feed fresh standard normal numbers at every step.",
      },
    );
  const codes = add(mean, mul(exp(mul(logVariance, 0.5)), noise!));
  const divergence = sub(add(square(mean), exp(logVariance)), add(logVariance, 1));
  const indices = constant(image.graph, tensor("int64", [0]));
  return { latent: mean, codes, indices, loss: mul(reduceMean(divergence), 0.5) };
}

/**
 * The two losses of VQGAN training (Esser et al. 2021; VQLPIPSWithDiscriminator, hinge form) on images [B, 3, H, W] in [-1, 1].
 * Both stand in one graph: the discriminator sees the reconstruction of the same step, where the reference computes it anew after the
 * generator's update. Its buffers see fake (in the generator's loss), real, fake, in this order.
 */
export function vqganLosses(
  place: Scope,
  image: Value,
  config: VqganConfig,
  options: VqganLossOptions = {},
): VqganLosses {
  const {
    discriminator: adversary = {},
    discriminatorFactor = 1,
    discriminatorWeight = 0.8,
    adaptive = true,
    codebookWeight = 1,
    beta = 0.25,
    noise,
    klWeight = 1e-3,
    perceptual,
    perceptualWeight = 1,
    discriminatorPlace = place.at("loss").at("discriminator"),
    updates = new Map(),
  } = options;
  declareFirstStage(place, config);
  const own = ["encoder", "decoder", "quantize", "quant_conv", "post_quant_conv"].map((name) => place.at(name).prefix);
  const {
    latent,
    codes,
    indices,
    loss: codebook,
  } = config.ddconfig.double_z
    ? sampledLatent(place, image, config, noise)
    : quantizedLatent(place, image, config, beta);
  const z = conv2d(place.at("post_quant_conv"), codes, { outputs: config.ddconfig.z_channels, kernel: 1 });
  const fake = decoder(place.at("decoder"), z, config);

  const reconstruction = meanAbsoluteError(image, fake);
  const nll = perceptual
    ? add(reconstruction, mul(reduceMean(perceptual(image, fake)), perceptualWeight))
    : reconstruction;
  const base = add(nll, mul(codebook, config.ddconfig.double_z ? klWeight : codebookWeight));
  const parts = { reconstruction, negativeLogLikelihood: nll, codebook };
  const common = { updates, reconstruction: fake, latent, indices };
  if (adversary === false)
    return {
      losses: { generator: base },
      parameters: { generator: under(...own), discriminator: () => false },
      parts,
      ...common,
    };

  const judge = (x: Value) => discriminator(discriminatorPlace, x, adversary, { updates });
  const adversarial = hingeGenerator(judge(fake));
  const { out_ch, ch, ch_mult, decoderChannels = ch } = config.ddconfig;
  const shape = [out_ch, decoderChannels * ch_mult[0]!, 3, 3];
  const last = place.at("decoder").at("conv_out").parameter("weight", shape, fanInUniform(1));
  const lambda = adaptive
    ? mul(adaptiveWeight(nll, adversarial, last), discriminatorWeight)
    : constantOf(place.graph, "float32", discriminatorWeight);
  const generator = add(base, mul(mul(lambda, discriminatorFactor), adversarial));
  const real = judge(image);
  const hinge = mul(hingeDiscriminator(real, judge(stopGradient(fake))), discriminatorFactor);
  const adversaries = under(discriminatorPlace.prefix);
  return {
    losses: { generator, discriminator: hinge },
    parameters: { generator: under(...own), discriminator: (name) => adversaries(name) && !updates.has(name) },
    parts: { ...parts, adversarial, adaptiveWeight: lambda },
    ...common,
  };
}
