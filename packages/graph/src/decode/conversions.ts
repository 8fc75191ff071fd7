import { apply, apply1 } from "../apply.ts";
import { constant, constantNumbers, constantOf, constantTensor } from "../constant.ts";
import type { Graph, Value } from "../graph.ts";
import { onnxTypes } from "../infer/elementwise.ts";
import { axisOf, integer, integers, wrong } from "../infer/inference.ts";
import { type Conversion, first, without } from "./conversion.ts";
import { convertTransposedWindow, convertWindow } from "./convert-window.ts";

const list = (graph: Graph, values: readonly number[] | undefined): Value | undefined =>
  values && constantOf(graph, "int64", values);

/** An attribute of older versions that is now input 1. */
const attributeToInput =
  (name: string): Conversion =>
  ({ graph, op, inputs, attributes }) => {
    const moved = list(graph, integers(attributes[name]));
    return apply(graph, op, moved ? [inputs[0], moved] : inputs, without(attributes, name));
  };

/** Before opset 13 softmax ran over all axes from `axis` (default 1) together. */
const softmax: Conversion = (n) => {
  const { graph, op, opset, attributes } = n;
  const x = first(n);
  if (opset >= 13) return apply(graph, op, [x], attributes);
  const axis = axisOf(integer(attributes["axis"], 1), x.shape.length);
  if (axis === x.shape.length - 1) return apply(graph, op, [x], { axis: -1 });
  const flat = apply1(graph, op, [apply1(graph, "Flatten", [x], { axis })], { axis: -1 });
  return apply(graph, "Reshape", [flat, list(graph, x.shape)]);
};

const constantNode: Conversion = ({ graph, attributes }) => {
  const value = attributes["value"];
  const float = attributes["value_float"] ?? attributes["value_floats"];
  const whole = attributes["value_int"] ?? attributes["value_ints"];
  if (typeof value === "object" && "dtype" in value) return [constant(graph, value)];
  if (float !== undefined) return [constantOf(graph, "float32", float as number | readonly number[])];
  if (whole !== undefined) return [constantOf(graph, "int64", whole as number | readonly number[])];
  throw wrong("the constant has no numbers.");
};

const split: Conversion = ({ graph, op, inputs, attributes, outputs }) => {
  const x = inputs[0];
  if (!x) throw wrong("input 0 is missing.");
  const size = x.shape[axisOf(integer(attributes["axis"], 0), x.shape.length)] ?? 0;
  const chunk = Math.ceil(size / outputs);
  const sizes =
    constantNumbers(inputs[1]) ??
    integers(attributes["split"]) ??
    Array.from({ length: outputs }, (_, i) => Math.min(chunk, size - i * chunk));
  if (sizes.length !== outputs || sizes.some((d) => d < 0))
    throw wrong(`the parts are [${sizes}] for ${outputs} outputs.`);
  return apply(graph, op, [x, list(graph, sizes)], without(attributes, "split", "num_outputs"), { outputs });
};

const pad: Conversion = ({ graph, op, opset, inputs, attributes }) => {
  if (opset >= 11) return apply(graph, op, inputs, attributes);
  const value = typeof attributes["value"] === "number" ? attributes["value"] : 0;
  const pads = list(graph, integers(attributes["pads"]) ?? []);
  return apply(
    graph,
    op,
    [inputs[0], pads, inputs[0] && constantOf(graph, inputs[0].dtype, value)],
    without(attributes, "pads", "value"),
  );
};

const clip: Conversion = (n) => {
  const { graph, op, opset, inputs, attributes } = n;
  const x = first(n);
  const bound = (name: string) => {
    const value = attributes[name];
    return typeof value === "number" ? constantOf(graph, x.dtype, value) : undefined;
  };
  const [low, high] = opset >= 11 ? [inputs[1], inputs[2]] : [bound("min"), bound("max")];
  return low || high ? apply(graph, op, high ? [x, low, high] : [x, low]) : [x];
};

const dropout: Conversion = (n) => {
  if (constantNumbers(n.inputs[2])?.[0] || (n.inputs[2] && !constantTensor(n.inputs[2])))
    throw wrong("dropout in training mode is not supported in a finished model.");
  return [first(n)];
};

const batchNormalization: Conversion = ({ graph, op, inputs, attributes }) => {
  if (attributes["training_mode"] === 1) throw wrong("batch normalisation in training mode is not supported.");
  return apply(graph, op, inputs, without(attributes, "momentum", "spatial", "training_mode", "is_test"));
};

/** Opset 18 had one scale and bias for each group, opset 21 has one for each channel. */
const groupNormalization: Conversion = (n) => {
  const { graph, op, opset, inputs, attributes } = n;
  const channels = first(n).shape[1] ?? 0;
  const groups = integer(attributes["num_groups"], 1);
  const spread = (v: Value | undefined) => {
    if (!v || opset >= 21) return v;
    const column = apply1(graph, "Reshape", [v, list(graph, [groups, 1])]);
    const wide = apply1(graph, "Expand", [column, list(graph, [groups, channels / groups])]);
    return apply1(graph, "Reshape", [wide, list(graph, [channels])]);
  };
  return apply(graph, op, [inputs[0], spread(inputs[1]), spread(inputs[2])], without(attributes, "stash_type"));
};

const resize: Conversion = (n) => {
  const { graph, opset, inputs, attributes } = n;
  const x = first(n);
  if (n.op === "Upsample" || opset < 11) {
    const given = attributes["scales"] as readonly number[] | undefined;
    const scales = inputs[1] ?? (given && constantOf(graph, "float32", given));
    const mode = String(attributes["mode"] ?? "nearest");
    return apply(graph, "Resize", [x, undefined, scales], {
      coordinate_transformation_mode: "asymmetric",
      mode: mode === "bilinear" ? "linear" : mode,
      ...(mode === "nearest" ? { nearest_mode: "floor" } : {}),
    });
  }
  const mode = attributes["coordinate_transformation_mode"];
  if (mode === "tf_crop_and_resize" || mode === "tf_half_pixel_for_nn")
    throw wrong(`the coordinate mode ${mode} is not supported.`);
  const filled = (v: Value | undefined) => (v && v.shape[0] !== 0 ? v : undefined);
  const [scales, sizes] = [filled(inputs[2]), filled(inputs[3])];
  return apply(graph, "Resize", sizes ? [x, undefined, undefined, sizes] : [x, undefined, scales], attributes);
};

const slice: Conversion = ({ graph, op, opset, inputs, attributes }) => {
  if (opset >= 10) return apply(graph, op, inputs);
  const [starts, ends, axes] = ["starts", "ends", "axes"].map((name) => list(graph, integers(attributes[name])));
  return apply(graph, op, axes ? [inputs[0], starts, ends, axes] : [inputs[0], starts, ends]);
};

const topK: Conversion = ({ graph, op, inputs, attributes }) => {
  const k = inputs[1] ?? constantOf(graph, "int64", [integer(attributes["k"], 0)]);
  return apply(graph, op, [inputs[0], k], without(attributes, "k"));
};

/** x / max(|x|_p, tiny), written with operators that have gradients. */
const lpNormalization: Conversion = (n) => {
  const { graph, attributes } = n;
  const x = first(n);
  const p = integer(attributes["p"], 2);
  const axes = list(graph, [integer(attributes["axis"], -1)]);
  if (p !== 1 && p !== 2) throw wrong(`a norm of order ${p} is not supported.`);
  const terms = p === 2 ? apply1(graph, "Mul", [x, x]) : apply1(graph, "Abs", [x]);
  const sum = apply1(graph, "ReduceSum", [terms, axes], { keepdims: 1 });
  const norm = p === 2 ? apply1(graph, "Sqrt", [sum]) : sum;
  return apply(graph, "Div", [x, apply1(graph, "Max", [norm, constantOf(graph, x.dtype, 1e-30)])]);
};

const castLike: Conversion = (n) => {
  const x = first(n);
  const to = n.inputs[1]?.dtype ?? x.dtype;
  return to === x.dtype ? [x] : apply(n.graph, "Cast", [x], { to: onnxTypes[to] });
};

const reductions =
  "ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSum ReduceLogSumExp";
const axesToInput = attributeToInput("axes");

/** Operators that need more than being applied as they stand. */
export const conversions: ReadonlyMap<string, Conversion> = new Map<string, Conversion>([
  ...`Squeeze Unsqueeze ${reductions}`.split(" ").map((op) => [op, axesToInput] as const),
  ["Identity", (n) => [first(n)]],
  ["Dropout", dropout],
  ["Constant", constantNode],
  ["Split", split],
  ["Pad", pad],
  ["Clip", clip],
  ["BatchNormalization", batchNormalization],
  ["GroupNormalization", groupNormalization],
  ["Softmax", softmax],
  ["LogSoftmax", softmax],
  ["Hardmax", softmax],
  ["Upsample", resize],
  ["Resize", resize],
  ["Slice", slice],
  ["TopK", topK],
  ["LpNormalization", lpNormalization],
  ["CastLike", castLike],
  ["Cast", (n) => apply(n.graph, n.op, n.inputs, without(n.attributes, "saturate"))],
  ["Conv", convertWindow(true)],
  ["ConvTranspose", convertTransposedWindow],
  ["MaxPool", convertWindow(false)],
  ["AveragePool", convertWindow(false)],
  ["LpPool", convertWindow(false)],
]);
