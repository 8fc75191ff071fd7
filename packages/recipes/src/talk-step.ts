import { type LatentShape, type TalkConfig, talkConditions, talkNetwork } from "@prosopon/conditioning";
import { diffusionLoss, linearSchedule } from "@prosopon/core-diffusion";
import type { ParameterFilter } from "@prosopon/nn";
import { compileStep } from "@prosopon/training";
import { cosineAdam } from "./cosine-adam.ts";

export interface TalkStepOptions {
  readonly config: TalkConfig;
  readonly latent: LatentShape;
  readonly batch: number;
  readonly learningRate: number;
  readonly steps: number;
  /** Parameters that stay as they are. */
  readonly frozen?: ParameterFilter;
}

/** Conditions that training drops by a mask of their own; channels are dropped by feeding zeros. */
export const droppedInTraining = ["emotion", "audio", "controls"] as const;

/**
 * One step of a talking-face denoiser: a target latent under everything that it is told, its error weighed by `emphasis` [B, 1, h, w].
 */
export const talkStep = ({ config, latent, batch, learningRate, steps, frozen }: TalkStepOptions) => {
  const { linear_start: start, linear_end: end, timesteps: times } = config.schedule;
  const schedule = linearSchedule({ start, end, times });
  const shape = [batch, ...latent];
  return compileStep({
    name: "talking-face",
    inputs: {
      latent: { shape },
      noise: { shape },
      time: { shape: [batch], dtype: "int64" },
      emphasis: { shape: [batch, 1, latent[1], latent[2]] },
    },
    build({ scope, inputs }) {
      const droppable = droppedInTraining.filter((name) => config.conditions[name]);
      const told = talkConditions(config, latent).encode(scope, { batch, droppable });
      const { loss, simple } = diffusionLoss({
        schedule,
        latent: inputs.latent,
        time: inputs.time,
        noise: inputs.noise,
        parameterisation: config.parameterization,
        predict: talkNetwork(scope, config, told),
        emphasis: inputs.emphasis,
      });
      return { losses: { diffusion: loss }, metrics: { simple } };
    },
    losses: {
      diffusion: cosineAdam({ learningRate, steps, warm: 300, weightDecay: 0.01, frozen }),
    },
    average: { decay: 0.9995 },
  });
};
