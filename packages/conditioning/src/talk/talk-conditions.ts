import { audioWindow } from "../audio-window.ts";
import { type ConditionRecord, type Conditions, conditions } from "../conditions.ts";
import { controls } from "../controls.ts";
import { emotion } from "../emotion.ts";
import { landmarks } from "../landmarks.ts";
import { identityFrame, maskedTarget, motionFrames } from "../latent-frames.ts";
import type { TalkConfig } from "./talk-config.ts";

/** Names that feeds, drop rates and guidance know the conditions by. */
export type TalkConditionName = "emotion" | "audio" | "controls" | "landmarks" | "masked" | "identity" | "motion";

/** Where the reference's checkpoints keep the encoders; from `_3` on the places are ours. */
const places: Readonly<Partial<Record<TalkConditionName, string>>> = {
  emotion: "cond_stage_model_1",
  audio: "cond_stage_model_2",
  landmarks: "cond_stage_model_3",
  controls: "cond_stage_model_4",
};

/** [C, h, w] of the latents that stand beside the noisy one. */
export type LatentShape = readonly [number, number, number];

/**
 * What a configuration is told, in the reference's order: tokens [emotion; audio; ...], channels [masked, identity, motion] after the noisy
 * latent (thesis section 5.2, reference 5.3).
 */
export function talkConditions(
  config: Pick<TalkConfig, "conditions" | "emotions">,
  latent: LatentShape,
): Conditions<ConditionRecord> {
  const { emotion: label, audio, landmarks: points, controls: moves, masked, identity, motion = 0 } = config.conditions;
  const beside = { channels: latent[0], height: latent[1], width: latent[2] };
  const record: ConditionRecord = {
    ...(label ? { emotion: emotion({ classes: config.emotions, size: label.size, null: "row" }) } : {}),
    ...(audio ? { audio: heardAs(audio) } : {}),
    ...(points ? { landmarks: landmarks() } : {}),
    ...(moves ? { controls: controls(moves) } : {}),
    ...(masked ? { masked: maskedTarget(beside) } : {}),
    ...(identity ? { identity: identityFrame(beside) } : {}),
    ...(motion > 0 ? { motion: motionFrames({ ...beside, count: motion }) } : {}),
  };
  return conditions(record, { places });
}

const heardAs = ({ features: _, featureSize, ...encoder }: NonNullable<TalkConfig["conditions"]["audio"]>) =>
  audioWindow({ ...encoder, features: featureSize });
