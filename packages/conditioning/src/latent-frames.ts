import { ProsoponError } from "@prosopon/errors";
import { constant, input, type Tensor, tensor } from "@prosopon/graph";
import * as z from "zod";
import type { ConditionEncoder } from "./condition-encoder.ts";
import { stackRows } from "./stack-rows.ts";

const options = z.strictObject({
  channels: z.int().positive().default(3),
  height: z.int().positive(),
  width: z.int().positive(),
});

export interface LatentFrameOptions {
  /** C: channels of a latent; default 3. */
  readonly channels?: number;
  /** h: rows of a latent. */
  readonly height: number;
  /** w: columns of a latent. */
  readonly width: number;
}

/** One latent [C, h, w], as the frozen first stage gives it before quantisation. */
export type LatentFrame = Pick<Tensor<"float32">, "shape" | "data">;

function latents(
  name: string,
  what: string,
  given: LatentFrameOptions,
  count: number,
): ConditionEncoder<readonly LatentFrame[]> {
  const parsed = options.safeParse(given);
  if (!parsed.success || !(Number.isInteger(count) && count > 0))
    throw new ProsoponError(
      "bad-input",
      `These options make no ${name}: ${parsed.error ? z.prettifyError(parsed.error) : `${count} is no number of frames.`}`,
      { values: { options: given, count } },
    );
  const { channels, height, width } = parsed.data;
  return {
    specification: "condition/v1",
    name,
    injection: "channels",
    encode({ graph }, { batch, name: key }) {
      const shape = [batch, count * channels, height, width];
      return {
        code: input(graph, `${key}/latents`, "float32", shape),
        absent: constant(graph, tensor("float32", shape)),
      };
    },
    async feeds(inputs, { name: key }) {
      const wrong = inputs.findIndex((frames) => frames.length !== count);
      if (wrong >= 0)
        throw new ProsoponError("bad-input", `${what}: sample ${wrong} gives ${inputs[wrong]!.length}, not ${count}.`, {
          values: { sample: wrong, count },
        });
      const { data } = stackRows(what, inputs.flat(), [channels, height, width]);
      return {
        [`${key}/latents`]: tensor("float32", [inputs.length, count * channels, height, width], data),
      };
    },
  };
}

function one(name: string, what: string, given: LatentFrameOptions): ConditionEncoder<LatentFrame> {
  const several = latents(name, what, given, 1);
  return {
    ...several,
    feeds: (inputs, place) =>
      several.feeds(
        inputs.map((frame) => [frame]),
        place,
      ),
  };
}

/** Who speaks: the latent of another frame of the same person (see `identityIndex`), beside the noisy channels. Absent: zeros. */
export const identityFrame = (given: LatentFrameOptions): ConditionEncoder<LatentFrame> =>
  one("identity-frame", "The identity latent", given);

/**
 * Pose and surroundings: the latent of the target frame with its lower face masked (see `maskLowerFace`). Absent: zeros. The reference's
 * channel order is [noisy, masked, identity]: put it before `identityFrame` in the record of `conditions`.
 */
export const maskedTarget = (given: LatentFrameOptions): ConditionEncoder<LatentFrame> =>
  one("masked-target", "The masked latent", given);

/** How the face moved so far: the latents of the `count` frames before the target, oldest first. Absent: zeros. */
export const motionFrames = ({
  count,
  ...given
}: LatentFrameOptions & { readonly count: number }): ConditionEncoder<readonly LatentFrame[]> =>
  latents("motion-frames", "The motion latents", given, count);
