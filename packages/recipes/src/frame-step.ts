import { type LatentShape, type TalkConfig, talkConditions } from "@prosopon/conditioning";
import { ddimPlan, linearSchedule } from "@prosopon/core-diffusion";
import { add, mul, reduceMean, square, sub } from "@prosopon/graph";
import { type ParameterFilter, under } from "@prosopon/nn";
import { frameTimes, guidedConditions, guidedFrame, type TalkSettings } from "@prosopon/talking-face";
import { compileStep } from "@prosopon/training";
import { cosineAdam } from "./cosine-adam.ts";
import { misread, openingOf, readerPlace } from "./opening-reader.ts";

export interface FrameStepOptions {
  readonly config: TalkConfig;
  readonly latent: LatentShape;
  readonly batch: number;
  readonly learningRate: number;
  readonly steps: number;
  /** Parameters that learn; what reads openings never does. */
  readonly parameters: ParameterFilter;
  /** How frames are made. */
  readonly settings: Pick<TalkSettings, "steps" | "guidance" | "audioGuidance" | "giveWay">;
  /** Weight of the error of the mouth's opening, as it is read in the latent beside the identity picture's, which it must be told; 0 reads nothing. */
  readonly opening: number;
  /** How many times as much that error weighs where the mouth is shut; default 1. */
  readonly shut?: number;
}

/**
 * One step of finishing a talking face: the frame as synthesis makes it, from noise and with every branch of guidance, against the target latent. Its
 * error is weighed by `emphasis` [B, 1, h, w]; `opening` [B] is the truth for `openingOf`.
 */
export function frameStep(options: FrameStepOptions) {
  const { config, latent, batch, learningRate, steps, parameters, settings } = options;
  const { linear_start: start, linear_end: end, timesteps: times } = config.schedule;
  const plan = ddimPlan(linearSchedule({ start, end, times }), frameTimes(settings.steps, times));
  const gammas = { emotion: settings.guidance, audio: settings.audioGuidance };
  const weights = Object.fromEntries(guidedConditions(config, settings).map((name) => [name, gammas[name]]));
  const shape = [batch, ...latent];
  const reads = under(readerPlace);
  return compileStep({
    name: "talking-face-frames",
    inputs: {
      latent: { shape },
      noise: { shape },
      emphasis: { shape: [batch, 1, latent[1], latent[2]] },
      opening: { shape: [batch] },
    },
    build({ scope, inputs }) {
      const droppable = config.conditions.controls ? ["controls"] : [];
      const told = talkConditions(config, latent).encode(scope, { batch, droppable });
      const { noise } = inputs;
      const made = guidedFrame(scope, { config, told, plan, noise, weights, giveWay: settings.giveWay });
      const error = square(sub(made, inputs.latent));
      const frame = reduceMean(mul(error, inputs.emphasis));
      const simple = reduceMean(error);
      if (options.opening === 0) return { losses: { frame }, metrics: { simple } };
      const identity = told.conditions["identity"]!.code;
      const opened = misread(openingOf(scope, made, identity), inputs.opening, options.shut);
      return { losses: { frame: add(frame, mul(opened, options.opening)) }, metrics: { simple, opened } };
    },
    losses: {
      frame: cosineAdam({
        learningRate,
        steps,
        warm: 300,
        weightDecay: 0.01,
        parameters: (name) => parameters(name) && !reads(name),
      }),
    },
    average: { decay: 0.998 },
  });
}
