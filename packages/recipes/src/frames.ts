import { type LatentShape, type TalkConfig, talkConditions } from "@prosopon/conditioning";
import { ddimPlan, linearSchedule } from "@prosopon/core-diffusion";
import { type Graph, graph, input, output, type Tensor, type Value } from "@prosopon/graph";
import { type Scope, scope } from "@prosopon/nn";
import { type Program, programOf } from "@prosopon/runtime";
import { frameTimes, guidedConditions, guidedFrame, type TalkSettings } from "@prosopon/talking-face";

export interface FramesOptions {
  readonly config: TalkConfig;
  readonly latent: LatentShape;
  readonly batch: number;
  /** How frames are made. */
  readonly settings: Pick<TalkSettings, "steps" | "guidance" | "audioGuidance" | "giveWay">;
}

/** Frames as synthesis makes them of noise [B, C, h, w], under every branch of guidance; and what they are told, which the conditions' inputs give. */
export function framesOf(place: Scope, noise: Value, { config, latent, batch, settings }: FramesOptions) {
  const { linear_start: start, linear_end: end, timesteps: times } = config.schedule;
  const plan = ddimPlan(linearSchedule({ start, end, times }), frameTimes(settings.steps, times));
  const gammas = { emotion: settings.guidance, audio: settings.audioGuidance };
  const weights = Object.fromEntries(guidedConditions(config, settings).map((name) => [name, gammas[name]]));
  const droppable = config.conditions.controls ? ["controls"] : [];
  const told = talkConditions(config, latent).encode(place, { batch, droppable });
  const made = guidedFrame(place, { config, told, plan, noise, weights, giveWay: settings.giveWay });
  return { made, told };
}

/** `noise` and the conditions' inputs -> `result`: frames by fixed weights. */
export function framesProgram(options: FramesOptions, weights: ReadonlyMap<string, Tensor>): Program {
  const g: Graph = graph({ name: "talking-face-frames" });
  const noise = input(g, "noise", "float32", [options.batch, ...options.latent]);
  output(g, "result", framesOf(scope(g), noise, options).made);
  return programOf(g, Object.fromEntries(weights));
}
