import { type TalkConditionName, type TalkConfig, type talkConditions, talkNetwork } from "@prosopon/conditioning";
import { type DdimPlan, fusedSampler } from "@prosopon/core-diffusion";
import { add, constant, div, mul, reduceMean, split, square, sub, tensor, type Value } from "@prosopon/graph";
import type { Scope } from "@prosopon/nn";
import type { TalkSettings } from "./talk-settings.ts";

export interface GuidedFrameOptions {
  readonly config: TalkConfig;
  readonly told: ReturnType<ReturnType<typeof talkConditions>["encode"]>;
  readonly plan: DdimPlan;
  /** [B, C, h, w]. */
  readonly noise: Value;
  /** [k, B, C, h, w], where the plan draws noise. */
  readonly fresh?: Value;
  /** γ of each condition that is guided, a number or [B, 1, 1, 1]: one more branch of the network each. */
  readonly weights: Partial<Readonly<Record<TalkConditionName, Value | number>>>;
  /** g, a number or [B, 1, 1, 1], where emotion and audio are guided; default: the emotion does not give way. */
  readonly giveWay?: Value | number;
}

/** What is guided under some weights: 1 needs no branch. */
export const guidedConditions = (
  { conditions: told }: Pick<TalkConfig, "conditions">,
  { guidance, audioGuidance }: Pick<TalkSettings, "guidance" | "audioGuidance">,
): ("emotion" | "audio")[] => [
  ...(told.emotion && guidance !== 1 ? (["emotion"] as const) : []),
  // The attentions of the reference never learned what no speech is.
  ...(told.audio?.encode === "convolutional" && audioGuidance !== 1 ? (["audio"] as const) : []),
];

/** Where aligned faces have their mouths: 1 for rows below the middle, half of it for the first of 16, 0 above. */
const lowerHalf = (rows: number): number[] =>
  Array.from({ length: rows }, (_, row) => Math.min(1, Math.max(0, (16 * (row + 0.5)) / rows - 8)));

/**
 * Frames [B, C, h, w] after all steps of a plan, as the network's latents (see `TalkConfig.relative`).
 *
 * Guidance is ε + Σ (γᵢ - 1)(ε - ε without i), each condition with its own weight γᵢ; for a single one this is eq. 3.70. The emotion's part is
 * divided by 1 + g² mean (ε - ε without audio)² over the channels of each place in the lower half (decision 23).
 */
export function guidedFrame(
  place: Scope,
  { config, told, plan, noise, fresh, weights, giveWay }: GuidedFrameOptions,
): Value {
  const guided = Object.keys(weights) as TalkConditionName[];
  const network = talkNetwork(place, config, told, [[], ...guided.map((name) => [name])]);
  const [batch, , rows] = noise.shape as [number, number, number];
  const predict = (noisy: Value, time: Value) => {
    const [full, ...without] = split(network(noisy, time), new Array<number>(1 + guided.length).fill(batch), 0);
    const changes = without.map((one) => sub(full!, one));
    const beyond = (weight: Value | number) => (typeof weight === "number" ? weight - 1 : sub(weight, 1));
    const parts = changes.map((change, i) => mul(change, beyond(weights[guided[i]!]!)));
    const [speech, emotion] = [guided.indexOf("audio"), guided.indexOf("emotion")];
    if (giveWay !== undefined && speech >= 0 && emotion >= 0) {
      const moved = reduceMean(square(changes[speech]!), { axes: [1], keep: true });
      const low = constant(noise.graph, tensor("float32", [1, 1, rows, 1], lowerHalf(rows)));
      const least = typeof giveWay === "number" ? giveWay ** 2 : square(giveWay);
      parts[emotion] = div(parts[emotion]!, add(mul(mul(moved, least), low), 1));
    }
    return parts.reduce(add, full!);
  };
  return fusedSampler(noise, [
    { plan, predict, parameterisation: config.parameterization, ...(fresh ? { noise: fresh } : {}) },
  ]).latent;
}
