import type { ConditionEncoder } from "@prosopon/conditioning";
import { ProsoponError } from "@prosopon/errors";
import { expand, input, reshape, tensor } from "@prosopon/graph";
import { linear } from "@prosopon/nn";

/** Where the eyes look, each in [-1, 1]. */
export type Gaze = readonly [right: number, down: number];

/** The gaze as one attention token [B, 1, size]; a learned token stands in for its absence. */
export const gaze = ({ size }: { readonly size: number }): ConditionEncoder<Gaze> => ({
  specification: "condition/v1",
  name: "gaze",
  injection: "tokens",
  encode(place, { batch, name }) {
    const direction = input(place.graph, `${name}/direction`, "float32", [batch, 2]);
    const code = linear(place.at("direction"), direction, { outputs: size });
    const none = place.parameter("none", [1, size], { kind: "normal", std: 1 });
    const token = [batch, 1, size];
    return { code: reshape(code, token), absent: expand(reshape(none, [1, 1, size]), token) };
  },
  async feeds(inputs, { name }) {
    const wrong = inputs.find((one) => !one.every((v) => Math.abs(v) <= 1));
    if (wrong)
      throw new ProsoponError("bad-input", `Nobody looks at [${wrong}].`, {
        values: { gaze: wrong },
        mend: "Both numbers lie in [-1, 1].",
      });
    return { [`${name}/direction`]: tensor("float32", [inputs.length, 2], inputs.flat()) };
  },
});
