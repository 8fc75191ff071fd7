import { dropMasks, identityIndex, type TalkConditionName, type TalkConfig } from "@prosopon/conditioning";
import { type Tensor, tensor } from "@prosopon/graph";
import { gaussians, uniforms } from "@prosopon/random";
import { shuffledIndices } from "@prosopon/training";
import { trulyShut } from "../truly-shut.ts";
import type { ClipCache } from "./clip-cache.ts";
import { type VaryFeaturesOptions, varyFeatures } from "./vary-features.ts";

/** How often something is told otherwise than plainly. */
const denoising = {
  /** Identity is the portrait at rest, neutral; or in some emotion; else a frame of the clip. */
  neutralStill: 0.5,
  emotionalStill: 0.25,
  /** The clip has just begun: the last latent is that of the identity picture. */
  beginning: 0.25,
  /** Times near pure noise, where few-step sampling starts. */
  start: 0.6,
  /** Noise in the last latent, at most. */
  jitter: 0.5,
};

/** As synthesis tells it: a portrait at rest is the identity, and stands for the last latent as well. */
const synthesis: typeof denoising = { neutralStill: 0.75, emotionalStill: 0.25, beginning: 1, start: 1, jitter: 0 };

/** How much more than elsewhere an error weighs in the middle of a mouth that is open. */
export const mouthWeight = 5;

export interface TalkBatchesOptions {
  readonly batch: number;
  readonly scaleFactor: number;
  readonly drop: number;
  /** Share of samples beside which a driving video's masked frame stands, at most 0.5; their controls are mostly unknown. */
  readonly dubbing: number;
  /** For `frameStep`: nothing is dropped for guidance, all else is as synthesis tells it; openings in place of times. */
  readonly guided?: boolean;
  /** How many times as much places around a mouth weigh where it is shut; default 1. */
  readonly shut?: number;
  /** Speech is not varied if not given. */
  readonly vary?: Pick<VaryFeaturesOptions, "centres" | "share"> | undefined;
}

/** Training samples: each a frame of a clip under what the talking face will be told of it when it speaks or dubs. */
export function talkBatches(
  cache: ClipCache,
  config: TalkConfig,
  { batch, scaleFactor, drop, vary, dubbing, guided = false, shut = 1 }: TalkBatchesOptions,
) {
  const { frames, lead, latents, stills, masked, features, controls, mouths, openings, emotions: labels } = cache;
  const shares = guided ? synthesis : denoising;
  const { timesteps: times } = config.schedule;
  const latent = latents.shape.slice(1) as [number, number, number];
  const size = latent.reduce((a, b) => a * b, 1);
  const [, height, width] = latent;
  const order = shuffledIndices({ length: cache.count * frames, batch });
  const { audio } = config.conditions;
  const window = audio ? audio.before + 1 + audio.after : 0;
  const [, rows, featureSize] = features.shape as [number, number, number];
  const moves = controls.shape[1]!;
  const told = Object.keys(config.conditions) as TalkConditionName[];

  return (step: number, key: Parameters<typeof uniforms>[0]): Record<string, Tensor> => {
    const chosen = order(step, key);
    const draws = uniforms(key, "talk/choices", step, 10 * batch);
    const jitter = gaussians(key, "talk/motion", step, batch * size);
    const shape = [batch, ...latent];
    const target = tensor("float32", shape);
    const identity = tensor("float32", shape);
    const motion = tensor("float32", shape);
    const hidden = tensor("float32", shape);
    const heard = tensor("float32", [batch, window, featureSize]);
    const moved = tensor("float32", [batch, moves]);
    const emphasis = tensor("float32", [batch, 1, height, width]);
    const opening = tensor("float32", [batch]);
    const unknownControls = new Uint8Array(batch);
    const time: number[] = [];
    const emotion: number[] = [];
    for (let i = 0; i < batch; i++) {
      const u = (n: number) => draws[10 * i + n]!;
      const place = chosen[i]!;
      const clip = Math.floor(place / frames);
      const k = place % frames;
      const copy = (from: Tensor<"float32">, row: number, into: Tensor<"float32">) => {
        for (let j = 0; j < size; j++) into.data[i * size + j] = from.data[row * size + j]! * scaleFactor;
      };
      copy(latents, place, target);
      // Who speaks, and the pose that the controls are measured from.
      const own = controls.data.subarray(place * moves, (place + 1) * moves);
      const values = Float32Array.from(own);
      if (u(0) < shares.neutralStill) copy(stills, 2 * clip, identity);
      else if (u(0) < shares.neutralStill + shares.emotionalStill) copy(stills, 2 * clip + 1, identity);
      else {
        const other = clip * frames + identityIndex(k, frames, u(1));
        copy(latents, other, identity);
        for (let c = 0; c < 3; c++) values[c]! -= controls.data[other * moves + c]!;
      }
      moved.data.set(values, i * moves);
      // What was made before, not quite clean, so that its errors are not trusted later.
      if (k === 0 || u(2) < shares.beginning)
        motion.data.set(identity.data.subarray(i * size, (i + 1) * size), i * size);
      else copy(latents, place - 1, motion);
      const amount = shares.jitter * u(3);
      for (let j = i * size; j < (i + 1) * size; j++) motion.data[j]! += amount * jitter[j]!;
      const dubs = told.includes("masked") && clip % 2 === 0 && u(4) < 2 * dubbing;
      const { relative } = config;
      if (relative !== undefined)
        for (let j = i * size; j < (i + 1) * size; j++)
          target.data[j] = (target.data[j]! - identity.data[j]!) * relative;
      if (dubs) copy(masked, (clip / 2) * frames + k, hidden);
      unknownControls[i] = u(5) < (dubs ? 0.7 : 0.05) ? 1 : 0;
      if (window > 0) {
        const first = clip * rows + k + lead - audio!.before;
        heard.data.set(
          features.data.subarray(first * featureSize, (first + window) * featureSize),
          i * window * featureSize,
        );
      }
      time.push(Math.floor(u(6) < shares.start ? times * (0.9 + 0.1 * u(7)) : times * u(7)));
      emotion.push(labels.data[clip]!);
      const [x, y] = [mouths.data[2 * place]! * width - 0.5, mouths.data[2 * place + 1]! * height - 0.5];
      opening.data[i] = openings.data[place]!;
      const most = mouthWeight * (openings.data[place]! < trulyShut ? shut : 1);
      for (let row = 0; row < height; row++)
        for (let column = 0; column < width; column++)
          emphasis.data[(i * height + row) * width + column] =
            1 + most * Math.exp(-((row - y) ** 2 + ((column - x) / 1.4) ** 2) / (2 * 1.5 ** 2));
    }
    if (vary && window > 0) varyFeatures(heard.data, batch, { ...vary, seed: key, step });
    const all: Record<string, Tensor> = {
      "emotion/label": tensor("int64", [batch], emotion),
      "audio/window": heard,
      "controls/values": moved,
      "masked/latents": hidden,
      "identity/latents": identity,
      "motion/latents": motion,
    };
    const rates = Object.fromEntries(
      (["emotion", "audio"] as const).filter((n) => told.includes(n) && !guided).map((n) => [n, drop]),
    );
    return {
      latent: target,
      noise: tensor("float32", shape, gaussians(key, "talk/noise", step, batch * size)),
      ...(guided ? { opening } : { time: tensor("int64", [batch], time) }),
      emphasis,
      ...Object.fromEntries(
        Object.entries(all).filter(([name]) => told.includes(name.split("/")[0] as TalkConditionName)),
      ),
      ...dropMasks({ rates, batch, seed: key, step }),
      ...(told.includes("controls") ? { "controls/dropped": tensor("bool", [batch], unknownControls) } : {}),
    };
  };
}
