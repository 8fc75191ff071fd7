import { ProsoponError } from "@prosopon/errors";
import { apply1 } from "../apply.ts";
import { constant, constantNumbers, constantOf } from "../constant.ts";
import type { Node, Value } from "../graph.ts";
import { axisOf, integer, integers, wrong } from "../infer/inference.ts";
import { sliceOf } from "../infer/movement.ts";
import { sizeOf } from "../make-tensor.ts";
import { averagePool } from "../ops/convolution.ts";
import { cast, mul, sub } from "../ops/elementwise.ts";
import { matMul } from "../ops/matrix.ts";
import { concat, expand, pad, reshape, slice, split, transpose } from "../ops/movement.ts";
import { reduceSum } from "../ops/reduction.ts";
import { type AxisMap, axisMap } from "./axis-map.ts";
import type { GradientRule, GradientRules } from "./gradient-rule.ts";
import { unary } from "./gradient-rule.ts";
import { padSources } from "./pad-sources.ts";
import { resizeWeights } from "./resize-weights.ts";
import { filled, sumOver, unbroadcast } from "./unbroadcast.ts";

const zerosLike = (x: Value): Value => filled(x.graph, x.dtype, x.shape, 0);
const list = (x: Value, values: readonly number[]): Value => constantOf(x.graph, "int64", values);
const back = unary((g, x) => reshape(g, x.shape));

/** Applies to one axis of g the transpose of the linear map that made it: its matrix is [before, after]. */
function alongAxis(g: Value, axis: number, map: AxisMap): Value {
  const [outer, inner] = [g.shape.slice(0, axis), g.shape.slice(axis + 1)];
  const shape = [...outer, map.before, ...inner];
  const matrix = (transposed: boolean) => constant(g.graph, axisMap(map, g.dtype, transposed));
  return inner.length === 0
    ? matMul(g, matrix(true))
    : reshape(matMul(matrix(false), reshape(g, [sizeOf(outer), map.after, sizeOf(inner)])), shape);
}

const sliced: GradientRule = ({ inputs, gradients }) => {
  const x = inputs[0]!;
  const [starts, ends, axes, steps] = inputs.slice(1).map(constantNumbers);
  let g = gradients[0]!;
  for (const { axis, start, step } of sliceOf(x.shape, starts!, ends!, axes, steps)) {
    const [outer, n, inner] = [g.shape.slice(0, axis), g.shape[axis]!, g.shape.slice(axis + 1)];
    const stride = Math.abs(step);
    const first = step > 0 ? start : start + (n - 1) * step;
    const reach = (n - 1) * stride + 1;
    if (step < 0 && n > 1) g = slice(g, { axis, start: -1, end: -(2 ** 31), step: -1 });
    const flat = [sizeOf(outer), n, 1, sizeOf(inner)];
    // Between the elements of a wider step stand zeros.
    if (stride > 1)
      g = reshape(pad(reshape(g, flat), [0, 0, 0, 0, 0, 0, stride - 1, 0]), [...outer, n * stride, ...inner]);
    const around = g.shape.map((_, i) => (i === axis ? first : 0));
    const after = g.shape.map((d, i) => (i === axis ? x.shape[axis]! - first - reach - (d - reach) : 0));
    g = pad(g, [...around, ...after]);
  }
  return [g];
};

const padded: GradientRule = ({ node, inputs, gradients, needs }) => {
  const x = inputs[0]!;
  const g = gradients[0]!;
  const rank = x.shape.length;
  const given = constantNumbers(inputs[1])!;
  const axes = constantNumbers(inputs[3])?.map((a) => axisOf(a, rank)) ?? [...x.shape.keys()];
  const pads = new Array<number>(2 * rank).fill(0);
  axes.forEach((axis, i) => {
    pads[axis] = given[i]!;
    pads[axis + rank] = given[i + axes.length]!;
  });
  const mode = node.attributes["mode"] ?? "constant";
  if (mode === "constant") {
    const inside = pad(
      g,
      pads.map((p) => -p),
    );
    return [inside, undefined, needs[2] ? reshape(sub(reduceSum(g), reduceSum(inside)), inputs[2]!.shape) : undefined];
  }
  let part = g;
  for (const axis of axes) {
    const after = g.shape[axis]!;
    const sources = padSources(String(mode), x.shape[axis]!, pads[axis]!, after);
    const map = { before: x.shape[axis]!, after, terms: sources.map((from) => [[from, 1] as const]) };
    if (pads[axis] !== 0 || pads[axis + rank] !== 0) part = alongAxis(part, axis, map);
  }
  return [part];
};

/** The gradient of rows looked up along an axis: products with a one-hot matrix for small tables, else added up one by one. */
const gathered: GradientRule = ({ node, inputs, gradients }) => {
  const [table, indices, g] = [inputs[0]!, inputs[1]!, gradients[0]!];
  const axis = axisOf(integer(node.attributes["axis"], 0), table.shape.length);
  const [outer, size, inner] = [
    sizeOf(table.shape.slice(0, axis)),
    table.shape[axis]!,
    sizeOf(table.shape.slice(axis + 1)),
  ];
  const count = sizeOf(indices.shape);
  const rows = reshape(g, [outer, count, inner]);
  const flat = cast(reshape(indices, [count]), "int64");
  if (g.dtype === "float32" && size <= 1024 && size * count <= 2 ** 22) {
    const hot = apply1(g.graph, "OneHot", [flat, list(g, [size]), constantOf(g.graph, "float32", [0, 1])], { axis: 0 });
    return [reshape(matMul(hot, rows), table.shape)];
  }
  const places = expand(reshape(flat, [1, count, 1]), rows.shape);
  const zeros = filled(g.graph, g.dtype, [outer, size, inner], 0);
  const sums = apply1(g.graph, "ScatterElements", [zeros, places, rows], { axis: 1, reduction: "add" });
  return [reshape(sums, table.shape)];
};

const tiled: GradientRule = ({ inputs, gradients }) => {
  const x = inputs[0]!;
  const repeats = constantNumbers(inputs[1])!;
  const folded = x.shape.flatMap((d, i) => [repeats[i]!, d]);
  const axes = [...x.shape.keys()].map((i) => 2 * i).filter((i) => folded[i] !== 1);
  return [reshape(sumOver(reshape(gradients[0]!, folded), axes), x.shape)];
};

const resized: GradientRule = ({ node, inputs, outputs, gradients }) => {
  const x = inputs[0]!;
  const y = outputs[0]!;
  const rank = x.shape.length;
  const axes = integers(node.attributes["axes"])?.map((a) => axisOf(a, rank)) ?? [...x.shape.keys()];
  const scales = constantNumbers(inputs[2]);
  const whole = x.shape.map((d, i) => y.shape[i]! / d);
  const repeats = (node.attributes["mode"] ?? "nearest") === "nearest" && whole.every(Number.isInteger);
  // Nearest by whole factors repeats every element, whatever the coordinate mode, except where corners are aligned.
  if (repeats && node.attributes["coordinate_transformation_mode"] !== "align_corners") {
    const g = gradients[0]!;
    const kernel = whole.slice(2);
    // The runtime sums small windows fastest as a mean.
    if (g.dtype === "float32" && rank >= 3 && rank <= 5 && whole[0] === 1 && whole[1] === 1)
      return [mul(averagePool(g, { kernel }), sizeOf(kernel))];
    const folded = x.shape.flatMap((d, i) => [d, whole[i]!]);
    const between = [...x.shape.keys()].map((i) => 2 * i + 1).filter((i) => folded[i] !== 1);
    return [reshape(sumOver(reshape(g, folded), between), x.shape)];
  }
  let g = gradients[0]!;
  for (const [i, axis] of axes.entries()) {
    const [before, after] = [x.shape[axis]!, y.shape[axis]!];
    const scale = scales?.length ? scales[i]! : after / before;
    if (scale !== 1 || before !== after)
      g = alongAxis(g, axis, { before, after, terms: resizeWeights(node.attributes, before, after, scale) });
  }
  return [g];
};

const blocks = (node: Node): number => integer(node.attributes["blocksize"], 1);

const depthToSpace: GradientRule = ({ node, inputs, gradients }) => {
  const [n, c, h, w] = inputs[0]!.shape as [number, number, number, number];
  const b = blocks(node);
  const cells = reshape(gradients[0]!, [n, c / (b * b), h, b, w, b]);
  const order = node.attributes["mode"] === "CRD" ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4];
  return [reshape(transpose(cells, order), inputs[0]!.shape)];
};

/** What stands in the places of a scatter is either replaced (none) or added to; of other reductions no gradient is known. */
const scattered =
  (collect: string, keys: readonly string[]): GradientRule =>
  ({ node, inputs, gradients, needs }) => {
    const g = gradients[0]!;
    const [, indices, updates] = inputs as readonly [Value, Value, Value];
    const attributes = Object.fromEntries(
      keys.flatMap((k) => (k in node.attributes ? [[k, node.attributes[k]!]] : [])),
    );
    const reduction = String(node.attributes["reduction"] ?? "none");
    if (reduction !== "none" && reduction !== "add")
      throw new ProsoponError(
        "bad-graph",
        `No gradient is known for ${node.op} with reduction "${reduction}" at ${node.path || "the top of the graph"}.`,
        {
          values: { op: node.op, reduction, path: node.path },
          mend: 'Use reduction "none" or "add", or stopGradient where no gradient is wanted.',
        },
      );
    const adds = reduction === "add";
    return [
      !needs[0] ? undefined : adds ? g : apply1(g.graph, node.op, [g, indices, zerosLike(updates)], attributes),
      undefined,
      needs[2] ? apply1(g.graph, collect, [g, indices], attributes) : undefined,
    ];
  };

export const movementRules: GradientRules = {
  Reshape: back,
  Flatten: back,
  Squeeze: back,
  Unsqueeze: back,
  Transpose: unary((g, x, _, { perm }) => {
    const order = integers(perm) ?? [...x.shape.keys()].reverse();
    return transpose(
      g,
      order.map((_, i) => order.indexOf(i)),
    );
  }),
  Concat: ({ node, inputs, gradients }) => {
    const axis = axisOf(integer(node.attributes["axis"], 0), inputs[0]!.shape.length);
    const sizes = inputs.map((x) => x!.shape[axis]!);
    return sizes.length === 1 ? gradients : split(gradients[0]!, sizes, axis);
  },
  Split: ({ node, outputs, gradients }) => [
    concat(
      outputs.map((y, i) => gradients[i] ?? zerosLike(y)),
      integer(node.attributes["axis"], 0),
    ),
  ],
  Slice: sliced,
  Pad: padded,
  Gather: gathered,
  GatherElements: ({ node, inputs, gradients }) => [
    apply1(inputs[0]!.graph, "ScatterElements", [zerosLike(inputs[0]!), inputs[1]!, gradients[0]!], {
      axis: integer(node.attributes["axis"], 0),
      reduction: "add",
    }),
  ],
  GatherND: ({ node, inputs, gradients }) => {
    const [x, indices] = [inputs[0]!, inputs[1]!];
    if (integer(node.attributes["batch_dims"], 0) > 0)
      throw wrong("the gradient of GatherND with batch_dims is not known.");
    return [apply1(x.graph, "ScatterND", [zerosLike(x), indices, gradients[0]!], { reduction: "add" })];
  },
  ScatterElements: scattered("GatherElements", ["axis"]),
  ScatterND: scattered("GatherND", []),
  Expand: unary((g, x) => unbroadcast(g, x.shape)),
  Tile: tiled,
  Resize: resized,
  DepthToSpace: depthToSpace,
  SpaceToDepth: unary((g, _, __, a) =>
    apply1(g.graph, "DepthToSpace", [g], { blocksize: integer(a["blocksize"], 1), mode: "DCR" }),
  ),
  Trilu: ({ node, inputs, gradients }) => [
    apply1(inputs[0]!.graph, "Trilu", [gradients[0]!, ...inputs.slice(1)], {
      upper: integer(node.attributes["upper"], 1),
    }),
  ],
  Shape: "none",
  Size: "none",
  ConstantOfShape: "none",
  Range: "none",
  OneHot: "none",
};
