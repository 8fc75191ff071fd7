import { conditions, emotion } from "@prosopon/conditioning";
import {
  diffusionLoss,
  linearSchedule,
  type Parameterisation,
  type UnetConfig,
  unet,
  zeroTerminal,
} from "@prosopon/core-diffusion";
import type { ParameterFilter } from "@prosopon/nn";
import { compileStep } from "@prosopon/training";
import { cosineAdam } from "./cosine-adam.ts";

export interface DenoiserStepOptions {
  readonly unet: UnetConfig;
  /** Channels, height and width of the latents. */
  readonly latent: readonly [number, number, number];
  readonly batch: number;
  readonly parameterisation: Parameterisation;
  /** The last time is pure noise (`zeroTerminal`). */
  readonly terminal?: "usual" | "zero";
  readonly learningRate: number;
  readonly steps: number;
  /** Parameters that stay as they are. */
  readonly frozen?: ParameterFilter;
}

/** The thesis' schedule, or one that ends in pure noise. */
export const reenactmentSchedule = (terminal: "usual" | "zero" = "usual") =>
  terminal === "zero" ? zeroTerminal(linearSchedule()) : linearSchedule();

/** What the reenactment denoiser is told, under the reference's names. */
export const reenactmentConditions = (size: number) =>
  conditions({ emotion: emotion({ count: 8, size }) }, { places: { emotion: "cond_stage_model" } });

/**
 * One step of latent diffusion that is told the emotion; the label is dropped where `emotion/dropped` says so. The error is weighed by
 * `emphasis` [B, 1, h, w].
 */
export const denoiserStep = (options: DenoiserStepOptions) => {
  const { unet: config, latent, batch, parameterisation, learningRate, steps, frozen } = options;
  const schedule = reenactmentSchedule(options.terminal);
  const shape = [batch, ...latent];
  return compileStep({
    name: "denoiser",
    inputs: {
      latent: { shape },
      noise: { shape },
      time: { shape: [batch], dtype: "int64" },
      emphasis: { shape: [batch, 1, latent[1], latent[2]] },
    },
    build({ scope, inputs }) {
      const told = reenactmentConditions(config.context_dim ?? 0).encode(scope, { batch, droppable: ["emotion"] });
      const { loss, simple } = diffusionLoss({
        schedule,
        latent: inputs.latent,
        time: inputs.time,
        noise: inputs.noise,
        parameterisation,
        emphasis: inputs.emphasis,
        predict: (x, t) =>
          unet(scope.at("model").at("diffusion_model"), { x, t, context: told.injected().tokens }, config),
      });
      return { losses: { diffusion: loss }, metrics: { simple } };
    },
    losses: {
      diffusion: cosineAdam({ learningRate, steps, warm: 300, weightDecay: 0.01, frozen }),
    },
    average: { decay: 0.9995 },
  });
};
