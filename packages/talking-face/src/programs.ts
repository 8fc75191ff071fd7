import { type LatentShape, type TalkConditionName, talkConditions, talkNetwork } from "@prosopon/conditioning";
import { type DdimPlan, fusedSampler } from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";
import {
  add,
  cast,
  clip,
  encodeModel,
  floor,
  type Graph,
  graph,
  input,
  mul,
  output,
  reshape,
  split,
  sub,
  transpose,
  type Value,
} from "@prosopon/graph";
import { type Scope, scope } from "@prosopon/nn";
import type { Program } from "@prosopon/runtime";
import { decode, encode } from "@prosopon/vqgan";
import type { FirstStage, Parameters, TalkDenoiser } from "./talk-model.ts";

function program(name: string, given: Parameters, build: (g: Graph, place: Scope) => Value): Program {
  const g = graph({ name });
  const place = scope(g);
  output(g, "result", build(g, place));
  const parameters = Object.fromEntries(
    [...place.parameters.keys()].map((key) => {
      const found = given[key];
      if (found) return [key, found];
      throw new ProsoponError("not-found", `The weights hold no ${key}, which "${name}" needs.`, {
        values: { name: key },
        mend: "Weights and configuration must come from the same training.",
      });
    }),
  );
  return { model: encodeModel(g, { parameters: "initializers" }), parameters };
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

/** `latent` [1, C, h, w] -> `result`: pixels uint8 [H, W, 3], rounded and clamped. */
export const pixelsProgram = (
  { config, parameters }: FirstStage,
  { scaleFactor, codebook }: { readonly scaleFactor: number; readonly codebook: boolean },
  shape: readonly number[],
): Program =>
  program("pixels", parameters, (g, place) => {
    const latent = mul(input(g, "latent", "float32", shape), 1 / scaleFactor);
    const image = decode(place, latent, config, { quantize: codebook });
    const [, , height, width] = image.shape as [number, number, number, number];
    const bytes = cast(clip(floor(add(mul(image, 127.5), 128)), 0, 255), "uint8");
    return reshape(transpose(bytes, [0, 2, 3, 1]), [height, width, 3]);
  });

export interface FrameProgramOptions {
  readonly plan: DdimPlan;
  readonly latent: LatentShape;
  /** Conditions that guidance weighs: each is one more branch in the batch, and a scalar input `guidance/NAME`. */
  readonly guided: readonly TalkConditionName[];
}

/**
 * `noise` [1, C, h, w] (and `fresh` [k, 1, C, h, w] where the plan draws noise), the inputs of the conditions -> `result`: the latent of one
 * frame after all steps of the plan.
 *
 * Guidance is ε + Σ (γᵢ - 1)(ε - ε without i), each condition with its own weight γᵢ; for a single one this is eq. 3.70.
 */
export const frameProgram = (
  { config, parameters }: TalkDenoiser,
  { plan, latent, guided }: FrameProgramOptions,
): Program =>
  program("frame", parameters, (g, place) => {
    const shape = [1, ...latent];
    const told = talkConditions(config, latent).encode(place, { batch: 1 });
    const network = talkNetwork(place, config, told, [[], ...guided.map((name) => [name])]);
    const weights = guided.map((name) => sub(input(g, `guidance/${name}`, "float32", []), 1));
    const noise = input(g, "noise", "float32", shape);
    const draws = plan.some(({ sigma }) => sigma > 0);
    const predict = (noisy: Value, time: Value) => {
      const [full, ...without] = split(network(noisy, time), new Array<number>(1 + guided.length).fill(1), 0);
      return without.reduce((sum, one, i) => add(sum, mul(sub(full!, one), weights[i]!)), full!);
    };
    const fresh = draws ? { noise: input(g, "fresh", "float32", [plan.length, ...shape]) } : {};
    const made = fusedSampler(noise, [{ plan, predict, parameterisation: config.parameterization, ...fresh }]).latent;
    if (config.relative === undefined) return made;
    const from = told.conditions["identity"];
    if (!from)
      throw new ProsoponError(
        "bad-input",
        "A model of differences from the identity picture must be told that picture.",
      );
    return add(from.code, mul(made, 1 / config.relative));
  });
