import { ProsoponError } from "@prosopon/errors";
import { input, reshape, silu, tensor } from "@prosopon/graph";
import { linear } from "@prosopon/nn";
import * as z from "zod";
import { absentToken } from "./absent-token.ts";
import type { ConditionEncoder } from "./condition-encoder.ts";

const options = z.strictObject({
  names: z
    .array(z.string().min(1))
    .min(1)
    .readonly()
    .refine((names) => new Set(names).size === names.length, { message: "names repeat" }),
  size: z.int().positive(),
  hidden: z.int().positive().default(64),
});

export interface ControlsOptions<Name extends string> {
  /** What the numbers mean, in their order: "yaw", "pitch", "roll", "blink". */
  readonly names: readonly Name[];
  /** Length of the token. */
  readonly size: number;
  /** Width of the hidden layer; default 64. */
  readonly hidden?: number;
}

/** One number for every name, best within about [-1, 1]. */
export type Controls<Name extends string> = Readonly<Record<Name, number>>;

/**
 * A few real numbers, such as the head's angles and the blink, as one attention token [B, 1, size]: linear, SiLU, linear; its absence is
 * trained. @throws `bad-input` for options that contradict each other.
 */
export function controls<const Name extends string>(
  given: ControlsOptions<Name>,
): ConditionEncoder<Controls<Name>> & { readonly names: readonly Name[] } {
  const parsed = options.safeParse(given);
  if (!parsed.success)
    throw new ProsoponError("bad-input", `These options make no controls: ${z.prettifyError(parsed.error)}`, {
      values: { options: given },
    });
  const { size, hidden } = parsed.data;
  const { names } = given;
  return {
    specification: "condition/v1",
    name: "controls",
    injection: "tokens",
    names,
    encode(place, { batch, name }) {
      const values = input(place.graph, `${name}/values`, "float32", [batch, names.length]);
      const wide = silu(linear(place.at("hidden"), values, { outputs: hidden }));
      const token = linear(place.at("token"), wide, { outputs: size });
      return { code: reshape(token, [batch, 1, size]), absent: absentToken(place, batch, size) };
    },
    async feeds(inputs, { name }) {
      const rows = inputs.flatMap((values, sample) =>
        names.map((key) => {
          const value: number | undefined = values[key];
          if (typeof value === "number" && Number.isFinite(value)) return value;
          throw new ProsoponError("bad-input", `The control "${key}" of sample ${sample} is ${value}, not a number.`, {
            values: { control: key, sample },
            mend: `Give finite numbers for ${names.join(", ")}.`,
          });
        }),
      );
      return { [`${name}/values`]: tensor("float32", [inputs.length, names.length], rows) };
    },
  };
}
