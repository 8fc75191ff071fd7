import { unet } from "@prosopon/core-diffusion";
import { concat, reshape, type Value } from "@prosopon/graph";
import type { Scope } from "@prosopon/nn";
import type { EncodedConditions } from "../conditions.ts";
import type { TalkConditionName } from "./talk-conditions.ts";
import type { TalkConfig } from "./talk-config.ts";

/** What the network is given for one or several branches of guidance: noisy latents and times stay the same in all of them. */
export type TalkBranches = readonly (readonly TalkConditionName[])[];

/**
 * The denoiser: noisy latents [B, C, h, w] and times [B] -> its output for every branch, [branches · B, C, h, w]. A branch names the
 * conditions that are absent in it; [[]] is the plain prediction.
 */
export function talkNetwork(
  place: Scope,
  config: Pick<TalkConfig, "unet" | "enter">,
  told: Pick<EncodedConditions<string>, "injected">,
  branches: TalkBranches = [[]],
): (noisy: Value, time: Value) => Value {
  const injected = branches.map((without) => told.injected(without));
  const joined = (kind: "tokens" | "channels"): Value | undefined => {
    const parts = injected.flatMap((one) => one[kind] ?? []);
    return parts.length > 0 ? concat(parts, 0) : undefined;
  };
  const tokens = joined("tokens");
  const channels = joined("channels");
  return (noisy, time) => {
    const repeated = (v: Value) =>
      branches.length > 1
        ? concat(
            branches.map(() => v),
            0,
          )
        : v;
    const x = repeated(noisy);
    const context = config.enter === "tokens" ? tokens : undefined;
    const embedding =
      config.enter === "embedding" && tokens ? reshape(tokens, [x.shape[0]!, tokens.shape[2]!]) : undefined;
    return unet(
      place.at("model.diffusion_model"),
      { x: channels ? concat([x, channels], 1) : x, t: repeated(time), context, embedding },
      config.unet,
    );
  };
}
