import { type LatentShape, type TalkConditionName, talkConditions } from "@prosopon/conditioning";
import type { DdimPlan } from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";
import {
  abs,
  add,
  averagePool,
  cast,
  clip,
  div,
  floor,
  type Graph,
  graph,
  input,
  mul,
  output,
  reduceMean,
  reshape,
  square,
  sub,
  transpose,
  type Value,
} from "@prosopon/graph";
import { type Scope, scope } from "@prosopon/nn";
import { type Program, programOf } from "@prosopon/runtime";
import { decode, encode, type VqganConfig } from "@prosopon/vqgan";
import { guidedFrame } from "./guided-frame.ts";
import type { FirstStage, Parameters, TalkDenoiser } from "./talk-model.ts";

function program(name: string, given: Parameters, build: (g: Graph, place: Scope) => Value): Program {
  const g = graph({ name });
  output(g, "result", build(g, scope(g)));
  return programOf(g, given);
}

/** `image` [1, 3, H, W] in [-1, 1] -> `result`: latent [1, C, h, w], before the codebook, times the scale factor. */
export const encodeProgram = (
  { config, parameters }: FirstStage,
  scaleFactor: number,
  shape: readonly number[],
): Program =>
  program("encode", parameters, (g, place) =>
    mul(encode(place, input(g, "image", "float32", shape), config), scaleFactor),
  );

interface DecodeOptions {
  readonly scaleFactor: number;
  readonly codebook: boolean;
}

const decoded = (
  g: Graph,
  place: Scope,
  config: VqganConfig,
  { scaleFactor, codebook }: DecodeOptions,
  shape: readonly number[],
) => decode(place, mul(input(g, "latent", "float32", shape), 1 / scaleFactor), config, { quantize: codebook });

/** `latent` [1, C, h, w] -> `result`: picture [1, 3, H, W], not clamped. */
export const decodeProgram = (
  { config, parameters }: FirstStage,
  options: DecodeOptions,
  shape: readonly number[],
): Program => program("decode", parameters, (g, place) => decoded(g, place, config, options, shape));

/** Change, in units of [-1, 1], at which half of the detail is kept. */
const tolerance = 8 / 127.5;

/**
 * `latent` [1, C, h, w], `base` and `detail` [1, 3, H, W] -> `result`: pixels uint8 [H, W, 3], rounded and clamped. Where the picture is like `base`,
 * what the first stage makes of the portrait, it gets the `detail` that the first stage lost (decision 16).
 */
export const pixelsProgram = (
  { config, parameters }: FirstStage,
  options: DecodeOptions,
  shape: readonly number[],
): Program =>
  program("pixels", parameters, (g, place) => {
    const plain = decoded(g, place, config, options, shape);
    const [, , height, width] = plain.shape as [number, number, number, number];
    const base = input(g, "base", "float32", plain.shape);
    const detail = input(g, "detail", "float32", plain.shape);
    const change = reduceMean(abs(sub(plain, base)), { axes: [1], keep: true });
    const around = averagePool(change, { kernel: [9, 9], strides: [1, 1], pads: [4, 4, 4, 4] });
    const image = add(plain, div(detail, add(square(mul(around, 1 / tolerance)), 1)));
    const bytes = cast(clip(floor(add(mul(image, 127.5), 128)), 0, 255), "uint8");
    return reshape(transpose(bytes, [0, 2, 3, 1]), [height, width, 3]);
  });

export interface FrameProgramOptions {
  readonly plan: DdimPlan;
  readonly latent: LatentShape;
  /**
   * Conditions that guidance weighs: each is one more branch in the batch, and an input `guidance/NAME` [B, 1, 1, 1]. Emotion and audio together have
   * an input `giveWay` [B, 1, 1, 1] as well.
   */
  readonly guided: readonly TalkConditionName[];
  /** B: frames at once, of as many speakers; default 1. */
  readonly batch?: number;
}

/**
 * `noise` [B, C, h, w] (and `fresh` [B, k, C, h, w] where the plan draws noise), the inputs of the conditions -> `result`: the latents of the
 * frames after all steps of the plan, guided as in `guidedFrame`.
 */
export const frameProgram = (
  { config, parameters }: TalkDenoiser,
  { plan, latent, guided, batch = 1 }: FrameProgramOptions,
): Program =>
  program("frame", parameters, (g, place) => {
    const one = (name: string) => input(g, name, "float32", [batch, 1, 1, 1]);
    const told = talkConditions(config, latent).encode(place, { batch });
    const weights = Object.fromEntries(guided.map((name) => [name, one(`guidance/${name}`)]));
    const givesWay = guided.includes("audio") && guided.includes("emotion");
    const noise = input(g, "noise", "float32", [batch, ...latent]);
    const draws = plan.some(({ sigma }) => sigma > 0);
    const fresh = draws
      ? { fresh: transpose(input(g, "fresh", "float32", [batch, plan.length, ...latent]), [1, 0, 2, 3, 4]) }
      : {};
    const giveWay = givesWay ? { giveWay: one("giveWay") } : {};
    const made = guidedFrame(place, { config, told, plan, noise, weights, ...giveWay, ...fresh });
    if (config.relative === undefined) return made;
    const from = told.conditions["identity"];
    if (!from)
      throw new ProsoponError(
        "bad-input",
        "A model of differences from the identity picture must be told that picture.",
      );
    return add(from.code, mul(made, 1 / config.relative));
  });
