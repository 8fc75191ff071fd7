import { ProsoponError } from "@prosopon/errors";
import { constant, input, reshape, tensor } from "@prosopon/graph";
import { embedding } from "@prosopon/nn";
import * as z from "zod";
import type { ConditionEncoder } from "./condition-encoder.ts";

/** The emotions of the reference's data, in the order of its labels. */
export const emotionClasses = [
  "neutral",
  "happy",
  "sad",
  "surprised",
  "fear",
  "disgusted",
  "angry",
  "contempt",
] as const;

const options = z
  .strictObject({
    classes: z.array(z.string().min(1)).min(1).readonly().optional(),
    count: z.int().positive().optional(),
    size: z.int().positive(),
    null: z.enum(["table", "row"]).default("table"),
  })
  .refine((o) => (o.classes === undefined) !== (o.count === undefined), {
    message: "give exactly one of classes and count",
  })
  .refine((o) => new Set(o.classes).size === (o.classes?.length ?? 0), { message: "classes repeat" });

export interface EmotionOptions {
  /** Names of the labels, in their order. Either this or `count`. */
  readonly classes?: readonly string[];
  /** Number of labels without names. */
  readonly count?: number;
  /** Length of the token: 512 in the thesis' reenactment model, 256 in its talking face. */
  readonly size: number;
  /**
   * Where the absent emotion is kept: in a table of its own, `uncond_embedding.weight` [1, size] (default, ClassEmbedder3 of the reference's
   * reenactment), or as one more row of `embedding.weight` (its talking face: 9 rows for 8 classes).
   */
  readonly null?: "table" | "row";
}

/** A label or its name. */
export type Emotion = number | string;

/** The emotion of a face as one attention token [B, 1, size]. @throws `bad-input` for options that contradict each other. */
export function emotion(given: EmotionOptions): ConditionEncoder<Emotion> & { readonly classes: readonly string[] } {
  const parsed = options.safeParse(given);
  if (!parsed.success)
    throw new ProsoponError("bad-input", `These options make no emotion condition: ${z.prettifyError(parsed.error)}`, {
      values: { options: given },
    });
  const { size, null: absence, count = given.classes!.length } = parsed.data;
  const classes = parsed.data.classes ?? Array.from({ length: count }, (_, i) => `${i}`);
  const labelOf = (value: Emotion): number => {
    const label = typeof value === "number" ? value : classes.indexOf(value);
    if (Number.isInteger(label) && label >= 0 && label < count) return label;
    throw new ProsoponError("bad-input", `"${value}" is no emotion that this model knows.`, {
      values: { value },
      mend: `Choose one of ${classes.join(", ")}, or a label from 0 to ${count - 1}.`,
    });
  };
  return {
    specification: "condition/v1",
    name: "emotion",
    injection: "tokens",
    classes,
    encode(place, { batch, name }) {
      const { graph } = place;
      const label = input(graph, `${name}/label`, "int64", [batch]);
      const rows = absence === "row" ? count + 1 : count;
      const known = embedding(place.at("embedding"), label, { rows, size });
      const none = constant(
        graph,
        tensor("int64", [batch], new Array<number>(batch).fill(absence === "row" ? count : 0)),
      );
      const missing =
        absence === "row"
          ? embedding(place.at("embedding"), none, { rows, size })
          : embedding(place.at("uncond_embedding"), none, { rows: 1, size });
      const token = [batch, 1, size];
      return { code: reshape(known, token), absent: reshape(missing, token) };
    },
    async feeds(inputs, { name }) {
      return { [`${name}/label`]: tensor("int64", [inputs.length], inputs.map(labelOf)) };
    },
  };
}
