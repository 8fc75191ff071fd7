import { axisOf, type Inference, type InferenceContext, integer, integers, need, numbers, wrong } from "./inference.ts";

const reduced = (c: InferenceContext): readonly number[] => {
  const { shape } = need(c, 0);
  const given = numbers(c, 1) ?? integers(c.attributes["axes"]);
  if (!given?.length && integer(c.attributes["noop_with_empty_axes"], 0)) return shape;
  const axes = new Set(given?.length ? given.map((a) => axisOf(a, shape.length)) : shape.keys());
  const keep = integer(c.attributes["keepdims"], 1);
  return shape.flatMap((d, i) => (axes.has(i) ? (keep ? [1] : []) : [d]));
};

const reduction: Inference = (c) => [{ dtype: need(c, 0).dtype, shape: reduced(c) }];

const indexOfExtreme: Inference = (c) => {
  const { shape } = need(c, 0);
  const axis = axisOf(integer(c.attributes["axis"], 0), shape.length);
  const keep = integer(c.attributes["keepdims"], 1);
  return [{ dtype: "int64", shape: shape.flatMap((d, i) => (i === axis ? (keep ? [1] : []) : [d])) }];
};

export const reductionInferences = (): Record<string, Inference> => ({
  ...Object.fromEntries(
    "ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSum ReduceLogSumExp"
      .split(" ")
      .map((name) => [name, reduction]),
  ),
  ArgMin: indexOfExtreme,
  ArgMax: indexOfExtreme,
  CumSum: (c) => [{ dtype: need(c, 0).dtype, shape: need(c, 0).shape }],
  TopK: (c) => {
    const { shape, dtype } = need(c, 0);
    const axis = axisOf(integer(c.attributes["axis"], -1), shape.length);
    const k = numbers(c, 1)?.[0];
    if (k === undefined || k > shape[axis]!) throw wrong(`k = ${k} of ${shape[axis]} elements.`);
    const out = shape.map((d, i) => (i === axis ? k : d));
    return [
      { dtype, shape: out },
      { dtype: "int64", shape: out },
    ];
  },
});
