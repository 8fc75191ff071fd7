import type { Attributes } from "../graph.ts";
import { sizeOf } from "../make-tensor.ts";
import type { Tensor } from "../tensor.ts";
import {
  axisOf,
  broadcast,
  type Inference,
  type InferenceContext,
  type Inferred,
  integer,
  integers,
  need,
  numbers,
  wrong,
} from "./inference.ts";

const like = (c: InferenceContext, shape: readonly number[]): readonly Inferred[] => [
  { dtype: need(c, 0).dtype, shape },
];

function reshaped(shape: readonly number[], target: readonly number[], allowZero: boolean): readonly number[] {
  const out = target.map((d, i) => (d === 0 && !allowZero ? (shape[i] ?? 0) : d));
  const open = out.indexOf(-1);
  const rest = sizeOf(out.filter((d) => d !== -1));
  if (open >= 0) out[open] = rest === 0 ? 0 : sizeOf(shape) / rest;
  if (sizeOf(out) !== sizeOf(shape) || out.some((d) => !Number.isInteger(d) || d < 0))
    throw wrong(`[${shape}] (${sizeOf(shape)} elements) cannot become [${target}].`);
  return out;
}

/** Start, end (exclusive) and step of each axis of a slice, clamped as ONNX has it. */
export function sliceOf(
  shape: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[] = starts.map((_, i) => i),
  steps: readonly number[] = starts.map(() => 1),
): readonly { readonly axis: number; readonly start: number; readonly end: number; readonly step: number }[] {
  return axes.map((a, i) => {
    const axis = axisOf(a, shape.length);
    const d = shape[axis]!;
    const step = steps[i]!;
    if (step === 0) throw wrong("a slice has step 0.");
    const wrap = (v: number) => (v < 0 ? v + d : v);
    const [low, high] = step > 0 ? [0, d] : [-1, d - 1];
    const start = Math.min(Math.max(wrap(starts[i]!), step > 0 ? 0 : 0), step > 0 ? d : d - 1);
    const end = Math.min(Math.max(wrap(ends[i]!), low), high);
    return { axis, start, end, step };
  });
}

/** The dimensions that `Shape` gives, between its attributes `start` and `end`. */
export const shapePart = (shape: readonly number[], attributes: Attributes): readonly number[] =>
  shape.slice(integer(attributes["start"], 0), integer(attributes["end"], shape.length));

export const movementInferences = (): Record<string, Inference> => ({
  Reshape: (c) => {
    const target = numbers(c, 1);
    if (!target) throw wrong("input 1, the new shape, is missing.");
    return like(c, reshaped(need(c, 0).shape, target, integer(c.attributes["allowzero"], 0) === 1));
  },
  Transpose: (c) => {
    const { shape } = need(c, 0);
    const order = integers(c.attributes["perm"]) ?? [...shape.keys()].reverse();
    if (order.length !== shape.length || new Set(order).size !== order.length)
      throw wrong(`[${order}] is no order of ${shape.length} axes.`);
    return like(
      c,
      order.map((i) => shape[axisOf(i, shape.length)]!),
    );
  },
  Flatten: (c) => {
    const { shape } = need(c, 0);
    const axis = integer(c.attributes["axis"], 1);
    const cut = axis < 0 ? axis + shape.length : axis;
    return like(c, [sizeOf(shape.slice(0, cut)), sizeOf(shape.slice(cut))]);
  },
  Squeeze: (c) => {
    const { shape } = need(c, 0);
    const axes = numbers(c, 1)?.map((a) => axisOf(a, shape.length));
    const bad = axes?.find((a) => shape[a] !== 1);
    if (bad !== undefined) throw wrong(`axis ${bad} has ${shape[bad]} elements, not 1.`);
    return like(
      c,
      shape.filter((d, i) => (axes ? !axes.includes(i) : d !== 1)),
    );
  },
  Unsqueeze: (c) => {
    const { shape } = need(c, 0);
    const given = numbers(c, 1) ?? [];
    const rank = shape.length + given.length;
    const axes = new Set(given.map((a) => axisOf(a, rank)));
    if (axes.size !== given.length) throw wrong(`axes [${given}] repeat.`);
    let next = 0;
    return like(
      c,
      Array.from({ length: rank }, (_, i) => (axes.has(i) ? 1 : shape[next++]!)),
    );
  },
  Concat: (c) => {
    const first = need(c, 0);
    const axis = axisOf(integer(c.attributes["axis"], 0), first.shape.length);
    let total = 0;
    c.inputs.forEach((_, i) => {
      const { shape, dtype } = need(c, i);
      if (
        dtype !== first.dtype ||
        shape.length !== first.shape.length ||
        shape.some((d, k) => k !== axis && d !== first.shape[k])
      )
        throw wrong(`[${first.shape}] and [${shape}] do not join along axis ${axis}.`);
      total += shape[axis]!;
    });
    return like(
      c,
      first.shape.map((d, i) => (i === axis ? total : d)),
    );
  },
  Split: (c) => {
    const { shape, dtype } = need(c, 0);
    const axis = axisOf(integer(c.attributes["axis"], 0), shape.length);
    const parts = integer(c.attributes["num_outputs"], c.outputs ?? 0);
    if (!c.inputs[1] && parts > Math.max(shape[axis]!, 1)) throw wrong(`${parts} parts of ${shape[axis]} elements.`);
    const chunk = Math.ceil(shape[axis]! / parts);
    const sizes = numbers(c, 1) ?? Array.from({ length: parts }, (_, i) => Math.min(chunk, shape[axis]! - i * chunk));
    if (sizes.reduce((a, b) => a + b, 0) !== shape[axis]) throw wrong(`parts [${sizes}] do not make ${shape[axis]}.`);
    return sizes.map((size) => ({ dtype, shape: shape.map((d, i) => (i === axis ? size : d)) }));
  },
  Slice: (c) => {
    const { shape } = need(c, 0);
    const out = [...shape];
    const parts = sliceOf(shape, numbers(c, 1) ?? [], numbers(c, 2) ?? [], numbers(c, 3), numbers(c, 4));
    for (const { axis, start, end, step } of parts) out[axis] = Math.max(0, Math.ceil((end - start) / step));
    return like(c, out);
  },
  Pad: (c) => {
    const { shape } = need(c, 0);
    const pads = numbers(c, 1) ?? [];
    const axes = numbers(c, 3)?.map((a) => axisOf(a, shape.length)) ?? [...shape.keys()];
    if (pads.length !== 2 * axes.length) throw wrong(`${pads.length} paddings for ${axes.length} axes.`);
    const out = [...shape];
    axes.forEach((axis, i) => {
      out[axis] = shape[axis]! + pads[i]! + pads[i + axes.length]!;
    });
    return like(c, out);
  },
  Gather: (c) => {
    const { shape } = need(c, 0);
    const axis = axisOf(integer(c.attributes["axis"], 0), shape.length);
    return like(c, [...shape.slice(0, axis), ...need(c, 1).shape, ...shape.slice(axis + 1)]);
  },
  GatherElements: (c) => like(c, need(c, 1).shape),
  GatherND: (c) => {
    const { shape } = need(c, 0);
    const indices = need(c, 1).shape;
    const batch = integer(c.attributes["batch_dims"], 0);
    return like(c, [...indices.slice(0, -1), ...shape.slice(batch + indices.at(-1)!)]);
  },
  ScatterElements: (c) => like(c, need(c, 0).shape),
  ScatterND: (c) => like(c, need(c, 0).shape),
  Expand: (c) => like(c, broadcast(need(c, 0).shape, numbers(c, 1) ?? [])),
  Tile: (c) => {
    const repeats = numbers(c, 1) ?? [];
    return like(
      c,
      need(c, 0).shape.map((d, i) => d * repeats[i]!),
    );
  },
  Resize: (c) => {
    const { shape } = need(c, 0);
    const scales = c.inputs[2] ? numbers(c, 2) : undefined;
    const sizes = c.inputs[3] ? numbers(c, 3) : undefined;
    const axes = integers(c.attributes["axes"])?.map((a) => axisOf(a, shape.length)) ?? [...shape.keys()];
    const given = sizes?.length ? sizes : undefined;
    if (!given && scales?.length !== axes.length) throw wrong("Resize needs scales or sizes for every axis.");
    const out = [...shape];
    axes.forEach((axis, i) => {
      out[axis] = given ? given[i]! : Math.floor(shape[axis]! * scales![i]!);
    });
    return like(c, out);
  },
  DepthToSpace: (c) => {
    const [n, ch, h, w] = need(c, 0).shape as [number, number, number, number];
    const b = integer(c.attributes["blocksize"], 1);
    return like(c, [n, ch / (b * b), h * b, w * b]);
  },
  SpaceToDepth: (c) => {
    const [n, ch, h, w] = need(c, 0).shape as [number, number, number, number];
    const b = integer(c.attributes["blocksize"], 1);
    return like(c, [n, ch * b * b, h / b, w / b]);
  },
  Shape: (c) => [{ dtype: "int64", shape: [shapePart(need(c, 0).shape, c.attributes).length] }],
  Size: () => [{ dtype: "int64", shape: [] }],
  ConstantOfShape: (c) => {
    const value = c.attributes["value"] as Tensor | undefined;
    return [{ dtype: value?.dtype ?? "float32", shape: numbers(c, 0) ?? [] }];
  },
  Range: (c) => {
    const [start, limit, delta] = [numbers(c, 0)?.[0], numbers(c, 1)?.[0], numbers(c, 2)?.[0]] as [
      number,
      number,
      number,
    ];
    return like(c, [Math.max(0, Math.ceil((limit - start) / delta))]);
  },
  Trilu: (c) => like(c, need(c, 0).shape),
  OneHot: (c) => {
    const { shape } = need(c, 0);
    const axis = integer(c.attributes["axis"], -1);
    const at = axis < 0 ? axis + shape.length + 1 : axis;
    return [{ dtype: need(c, 2).dtype, shape: [...shape.slice(0, at), numbers(c, 1)![0]!, ...shape.slice(at)] }];
  },
});
