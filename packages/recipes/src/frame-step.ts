import { add, mul, reduceMean, square, sub } from "@prosopon/graph";
import { type ParameterFilter, under } from "@prosopon/nn";
import { compileStep } from "@prosopon/training";
import { cosineAdam } from "./cosine-adam.ts";
import { type FramesOptions, framesOf } from "./frames.ts";
import { misread, openingOf, readerPlace } from "./opening-reader.ts";

export interface FrameStepOptions extends FramesOptions {
  readonly learningRate: number;
  readonly steps: number;
  /** Parameters that learn; what reads openings never does. */
  readonly parameters: ParameterFilter;
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
  const { latent, batch, learningRate, steps, parameters } = options;
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
      const { made, told } = framesOf(scope, inputs.noise, options);
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
