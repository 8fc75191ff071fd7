import { type Inference, type InferenceContext, integer, integers, need, wrong } from "./inference.ts";

export interface Window {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Begin paddings of every spatial axis, then the end ones, as ONNX has them. */
  readonly pads: readonly number[];
}

/** Strides, dilations and explicit paddings of a sliding window over `spatial`. */
export function windowOf(
  attributes: InferenceContext["attributes"],
  spatial: readonly number[],
  kernel: readonly number[],
): Window {
  const n = spatial.length;
  const strides = integers(attributes["strides"]) ?? new Array<number>(n).fill(1);
  const dilations = integers(attributes["dilations"]) ?? new Array<number>(n).fill(1);
  const mode = attributes["auto_pad"] ?? "NOTSET";
  let pads = integers(attributes["pads"]) ?? new Array<number>(2 * n).fill(0);
  if (mode === "SAME_UPPER" || mode === "SAME_LOWER") {
    const totals = spatial.map((d, i) =>
      Math.max(0, (Math.ceil(d / strides[i]!) - 1) * strides[i]! + (kernel[i]! - 1) * dilations[i]! + 1 - d),
    );
    const less = totals.map((t) => Math.floor(t / 2));
    const more = totals.map((t, i) => t - less[i]!);
    pads = mode === "SAME_UPPER" ? [...less, ...more] : [...more, ...less];
  }
  if (strides.length !== n || dilations.length !== n || pads.length !== 2 * n)
    throw wrong(`strides [${strides}], dilations [${dilations}] and pads [${pads}] do not fit ${n} spatial axes.`);
  return { strides, dilations, pads };
}

function slid(spatial: readonly number[], kernel: readonly number[], w: Window, ceil = false): readonly number[] {
  return spatial.map((d, i) => {
    const reach = (kernel[i]! - 1) * w.dilations[i]! + 1;
    const room = d + w.pads[i]! + w.pads[i + spatial.length]! - reach;
    if (room < 0)
      throw wrong(
        `a window of ${reach} does not fit ${d} elements with padding ${w.pads[i]}+${w.pads[i + spatial.length]}.`,
      );
    let size = (ceil ? Math.ceil : Math.floor)(room / w.strides[i]!) + 1;
    // The last window must start inside the input or its left padding.
    if (ceil && (size - 1) * w.strides[i]! >= d + w.pads[i]!) size--;
    return size;
  });
}

const pool: Inference = (c) => {
  const x = need(c, 0);
  const kernel = integers(c.attributes["kernel_shape"]) ?? [];
  const spatial = x.shape.slice(2);
  const shape = [
    ...x.shape.slice(0, 2),
    ...slid(spatial, kernel, windowOf(c.attributes, spatial, kernel), integer(c.attributes["ceil_mode"], 0) === 1),
  ];
  return [{ dtype: x.dtype, shape }, ...(c.outputs === 2 ? [{ dtype: "int64" as const, shape }] : [])];
};

const globalPool: Inference = (c) => {
  const x = need(c, 0);
  return [{ dtype: x.dtype, shape: x.shape.map((d, i) => (i < 2 ? d : 1)) }];
};

export const convolutionInferences = (): Record<string, Inference> => ({
  Conv: (c) => {
    const x = need(c, 0);
    const w = need(c, 1);
    const group = integer(c.attributes["group"], 1);
    if (x.shape.length < 3 || w.shape.length !== x.shape.length)
      throw wrong(`Conv needs [N, C, spatial...] and weights of the same rank, not [${x.shape}] and [${w.shape}].`);
    if (x.shape[1] !== w.shape[1]! * group || w.shape[0]! % group !== 0)
      throw wrong(`${x.shape[1]} channels do not fit weights [${w.shape}] in ${group} group(s).`);
    if (c.inputs[2] && `${c.inputs[2].shape}` !== `${[w.shape[0]]}`)
      throw wrong(`the bias [${c.inputs[2].shape}] does not fit ${w.shape[0]} filters.`);
    const spatial = x.shape.slice(2);
    const kernel = w.shape.slice(2);
    return [
      {
        dtype: x.dtype,
        shape: [x.shape[0]!, w.shape[0]!, ...slid(spatial, kernel, windowOf(c.attributes, spatial, kernel))],
      },
    ];
  },
  ConvTranspose: (c) => {
    const x = need(c, 0);
    const w = need(c, 1);
    const group = integer(c.attributes["group"], 1);
    if (x.shape[1] !== w.shape[0]) throw wrong(`${x.shape[1]} channels do not fit weights [${w.shape}].`);
    const spatial = x.shape.slice(2);
    const kernel = w.shape.slice(2);
    const same = String(c.attributes["auto_pad"] ?? "").startsWith("SAME");
    // Here "SAME" means input·stride, not the paddings that it means for a forward window.
    const { strides, dilations, pads } = windowOf({ ...c.attributes, auto_pad: "NOTSET" }, spatial, kernel);
    const extra = integers(c.attributes["output_padding"]) ?? spatial.map(() => 0);
    const given = integers(c.attributes["output_shape"]);
    const out = spatial.map((d, i) => {
      const full = (d - 1) * strides[i]! + (kernel[i]! - 1) * dilations[i]! + 1 + extra[i]!;
      if (same) return Math.min(full, d * strides[i]!);
      return given?.[i] ?? full - pads[i]! - pads[i + spatial.length]!;
    });
    return [{ dtype: x.dtype, shape: [x.shape[0]!, w.shape[1]! * group, ...out] }];
  },
  MaxPool: pool,
  AveragePool: pool,
  LpPool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
});
