import { ProsoponError } from "@prosopon/errors";
import { constant, input, reshape, silu, slice, type Tensor, tensor, transpose } from "@prosopon/graph";
import { conv1d, groupNorm, linear } from "@prosopon/nn";
import * as z from "zod";
import { absentToken } from "./absent-token.ts";
import type { ConditionEncoder } from "./condition-encoder.ts";
import { stackRows } from "./stack-rows.ts";
import { temporalAttention } from "./temporal-attention.ts";

const options = z
  .strictObject({
    before: z.int().min(0).max(256),
    after: z.int().min(0).max(256),
    features: z.int().positive(),
    encode: z.enum(["convolutional", "temporal-attention", "expanded-temporal-attention"]).default("convolutional"),
    size: z.int().positive().optional(),
    hidden: z.int().positive().multipleOf(8).default(128),
    layers: z.int().min(1).max(16).default(2),
    near: z.int().min(0).optional(),
    absent: z.enum(["token", "zero"]).optional(),
  })
  .refine((o) => o.encode !== "temporal-attention" || o.size === undefined || o.size === o.features, {
    message: "temporal attention gives a token of the features' own size",
  })
  .refine((o) => o.encode !== "expanded-temporal-attention" || o.size === undefined || o.size === 64, {
    message: "expanded temporal attention gives a token of 64",
  })
  .refine((o) => o.encode !== "convolutional" || o.size !== undefined, { message: "size is missing" });

export interface AudioWindowOptions {
  /** Video frames heard before the target; the thesis' w. */
  readonly before: number;
  /** Video frames heard after it. */
  readonly after: number;
  /** F: numbers for each frame, `AudioFeatures.size`. */
  readonly features: number;
  /**
   * "convolutional" (default): convolutions over time with group normalisation, then a linear layer to `size`, for log-mel.
   * "temporal-attention": the thesis' weighted sum of the features (size = F: 768 for wav2vec 2.0's hidden states), under the reference's names.
   * "expanded-temporal-attention": its second version for the 29 character logits (size 64).
   */
  readonly encode?: "convolutional" | "temporal-attention" | "expanded-temporal-attention";
  /** Length of the token; only "convolutional" leaves a choice. */
  readonly size?: number;
  /** Channels of the convolutions, a multiple of 8; default 128. For "convolutional". */
  readonly hidden?: number | undefined;
  /** How many convolutions of three frames; default 2. For "convolutional". */
  readonly layers?: number | undefined;
  /** Frames on either side of the target whose last activations make the token; default all of the window. For "convolutional". */
  readonly near?: number | undefined;
  /**
   * What stands in for speech that is not told: a trained "token" (parameter `absent`, default of "convolutional") or "zero" (default of the
   * attentions: the reference, which never drops speech, has no such parameter).
   */
  readonly absent?: "token" | "zero";
}

/** An audio window [S, F] with S = before + 1 + after, see `windowOf`. */
export type AudioWindow = Pick<Tensor<"float32">, "shape" | "data">;

export interface AudioWindowCondition extends ConditionEncoder<AudioWindow> {
  readonly before: number;
  readonly after: number;
  /** Length of its token. */
  readonly size: number;
}

/** What is heard around the target frame as one attention token [B, 1, size]. @throws `bad-input` for options that contradict each other. */
export function audioWindow(given: AudioWindowOptions): AudioWindowCondition {
  const parsed = options.safeParse(given);
  if (!parsed.success)
    throw new ProsoponError("bad-input", `These options make no audio window: ${z.prettifyError(parsed.error)}`, {
      values: { options: given },
    });
  const { before, after, features, encode, hidden, layers, near = Math.max(before, after) } = parsed.data;
  const size = parsed.data.size ?? (encode === "temporal-attention" ? features : 64);
  const absence = parsed.data.absent ?? (encode === "convolutional" ? "token" : "zero");
  const length = before + 1 + after;
  return {
    specification: "condition/v1",
    name: "audio-window",
    injection: "tokens",
    before,
    after,
    size,
    encode(place, { batch, name }) {
      const window = input(place.graph, `${name}/window`, "float32", [batch, length, features]);
      const convolved = () => {
        let v = transpose(window, [0, 2, 1]);
        for (let layer = 0; layer < layers; layer++) {
          v = conv1d(place.at(`convolutions.${layer}`), v, { outputs: hidden, kernel: 3, padding: 1 });
          v = silu(groupNorm(place.at(`norms.${layer}`), v, { groups: 8 }));
        }
        const [start, end] = [Math.max(0, before - near), Math.min(length, before + near + 1)];
        v = slice(v, { axis: 2, start, end });
        const token = linear(place.at("token"), reshape(v, [batch, hidden * (end - start)]), { outputs: size });
        return reshape(token, [batch, 1, size]);
      };
      const code =
        encode === "convolutional"
          ? convolved()
          : temporalAttention(place, window, { expand: encode === "expanded-temporal-attention" }).token;
      return {
        code,
        absent:
          absence === "token"
            ? absentToken(place, batch, size)
            : constant(place.graph, tensor("float32", [batch, 1, size])),
      };
    },
    async feeds(inputs, { name }) {
      return { [`${name}/window`]: stackRows("An audio window", inputs, [length, features]) };
    },
  };
}
