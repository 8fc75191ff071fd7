import { type TalkConditions, talkConditions } from "@prosopon/conditioning";
import { visemes } from "@prosopon/corpus";
import { add, mul, reshape, silu, slice, type Value } from "@prosopon/graph";
import { crossEntropy, linear, meanSquaredError, type Scope } from "@prosopon/nn";
import { compileStep } from "@prosopon/training";
import { cosineAdam } from "./cosine-adam.ts";

export type HearingConfig = NonNullable<TalkConditions["audio"]>;

/** What of a mouth can be heard, in units of about one: the opening, then the numbers of its shape. */
export const heardMovements = ["opening", "closure", "jaw", "width", "protrusion", "upper", "lower", "tongue"] as const;

/** Where the talking face keeps what it hears with. */
export const hearingPlace = "cond_stage_model_2";

/**
 * The talking face's own encoder of speech, under its own names, with a small head that is thrown away: input `audio/window` [B, S, F] ->
 * movements [B, 8] and logits of the viseme [B, 17].
 */
export function hearing(scope: Scope, audio: HearingConfig, batch: number): { movements: Value; logits: Value } {
  const told = talkConditions({ conditions: { audio }, emotions: [] }, [1, 1, 1]).encode(scope, { batch });
  const token = reshape(told.conditions["audio"]!.code, [batch, audio.size]);
  const head = scope.at("head");
  const wide = silu(linear(head.at(0), token, { outputs: 128 }));
  const count = heardMovements.length;
  const all = linear(head.at(1), wide, { outputs: count + visemes.length });
  const part = (from: number, to: number) => slice(all, { axis: 1, start: from, end: to });
  return { movements: part(0, count), logits: part(count, count + visemes.length) };
}

export interface SpeechStepOptions {
  readonly audio: HearingConfig;
  readonly batch: number;
  readonly learningRate: number;
  readonly steps: number;
}

/** One step of hearing: what the mouth does, told by the speech around it. */
export const speechStep = ({ audio, batch, learningRate, steps }: SpeechStepOptions) =>
  compileStep({
    name: "speech",
    inputs: {
      movements: { shape: [batch, heardMovements.length] },
      viseme: { shape: [batch], dtype: "int64" },
    },
    build({ scope, inputs }) {
      const { movements, logits } = hearing(scope, audio, batch);
      const moved = meanSquaredError(movements, inputs.movements);
      const named = crossEntropy(logits, inputs.viseme);
      return { losses: { hearing: add(moved, mul(named, 0.2)) }, metrics: { moved, named } };
    },
    losses: {
      hearing: cosineAdam({ learningRate, steps, warm: 200, weightDecay: 0.01 }),
    },
    average: { decay: 0.998 },
  });
