import { adamW, cosineDecay, except, type ParameterFilter, warmUp } from "@prosopon/nn";

export interface CosineAdamOptions {
  readonly learningRate: number;
  /** Of the whole run. */
  readonly steps: number;
  /** Steps until the rate is reached: a tenth of the run, but at most so many. */
  readonly warm: number;
  readonly weightDecay: number;
  /** What learns; default: all. */
  readonly parameters?: ParameterFilter;
  /** What does not, if that is easier told. */
  readonly frozen?: ParameterFilter | undefined;
}

/** How the default models learn: AdamW, a rate that warms up and falls along a cosine to a fiftieth, gradients clipped to a norm of 1. */
export const cosineAdam = (options: CosineAdamOptions) => {
  const { learningRate, steps, warm, weightDecay, frozen, parameters = frozen ? except(frozen) : () => true } = options;
  return {
    parameters,
    optimizer: adamW({ beta2: 0.99, weightDecay }),
    learningRate: warmUp(Math.min(warm, steps / 10), cosineDecay({ from: learningRate, to: learningRate / 50, steps })),
    clip: 1,
  };
};
