import { apply } from "../apply.ts";
import type { Attribute } from "../graph.ts";
import { windowOf } from "../infer/convolution.ts";
import { integer, integers, wrong } from "../infer/inference.ts";
import { type Conversion, first, without } from "./conversion.ts";

/** Convolution and pooling with all numbers said and explicit paddings, so that no later step guesses. */
export const convertWindow =
  (weighted: boolean): Conversion =>
  (n) => {
    const { graph, op, inputs, attributes, outputs } = n;
    const x = first(n);
    const spatial = x.shape.slice(2);
    const kernel = weighted ? (inputs[1]?.shape.slice(2) ?? []) : (integers(attributes["kernel_shape"]) ?? []);
    const { strides, dilations, pads } = windowOf(attributes, spatial, kernel);
    const explicit: Record<string, Attribute> = {
      ...without(attributes, "auto_pad", "storage_order"),
      kernel_shape: kernel,
      strides,
      dilations,
      pads,
      ...(weighted ? { group: integer(attributes["group"], 1) } : {}),
    };
    // Of the poolings only MaxPool and AveragePool know dilations in every runtime we use; 1 need not be said.
    if (!weighted && dilations.every((d) => d === 1)) delete explicit["dilations"];
    return apply(graph, op, inputs, explicit, outputs > 1 ? { outputs } : {});
  };

/** The same for transposed convolutions, whose `auto_pad` and `output_shape` mean paddings too. */
export const convertTransposedWindow: Conversion = (n) => {
  const { graph, op, inputs, attributes } = n;
  const spatial = first(n).shape.slice(2);
  const kernel = inputs[1]?.shape.slice(2) ?? [];
  const mode = attributes["auto_pad"] ?? "NOTSET";
  const { strides, dilations, pads } = windowOf(without(attributes, "auto_pad"), spatial, kernel);
  const extra = integers(attributes["output_padding"]) ?? spatial.map(() => 0);
  const same = mode === "SAME_UPPER" || mode === "SAME_LOWER";
  const full = spatial.map((d, i) => (d - 1) * strides[i]! + (kernel[i]! - 1) * dilations[i]! + 1 + extra[i]!);
  const sizes =
    integers(attributes["output_shape"]) ??
    (same ? spatial.map((d, i) => Math.min(d * strides[i]!, full[i]!)) : undefined);
  let padding = pads;
  if (sizes) {
    const totals = full.map((d, i) => d - sizes[i]!);
    if (totals.some((t) => !(t >= 0))) throw wrong(`the output [${sizes}] is larger than the input can reach.`);
    const less = totals.map((t) => Math.floor(t / 2));
    const more = totals.map((t, i) => t - less[i]!);
    padding = mode === "SAME_UPPER" ? [...less, ...more] : [...more, ...less];
  }
  return apply(graph, op, inputs, {
    ...without(attributes, "auto_pad", "output_shape"),
    kernel_shape: kernel,
    strides,
    dilations,
    pads: padding,
    group: integer(attributes["group"], 1),
  });
};
