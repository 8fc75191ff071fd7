import { broadcast, type Inference, integer, need, wrong } from "./inference.ts";

function product(a: readonly number[], b: readonly number[]): readonly number[] {
  if (a.length === 0 || b.length === 0) throw wrong("a scalar cannot be multiplied as a matrix.");
  const left = a.length === 1 ? [1, a[0]!] : a;
  const right = b.length === 1 ? [b[0]!, 1] : b;
  if (left.at(-1) !== right.at(-2))
    throw wrong(`[${a}] times [${b}]: the inner dimensions ${left.at(-1)} and ${right.at(-2)} differ.`);
  return [
    ...broadcast(left.slice(0, -2), right.slice(0, -2)),
    ...(a.length === 1 ? [] : [left.at(-2)!]),
    ...(b.length === 1 ? [] : [right.at(-1)!]),
  ];
}

const turned = (shape: readonly number[], turn: boolean): readonly number[] =>
  turn ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape;

export const matrixInferences = (): Record<string, Inference> => ({
  MatMul: (c) => {
    const a = need(c, 0);
    const b = need(c, 1);
    if (a.dtype !== b.dtype) throw wrong(`element types ${a.dtype} and ${b.dtype} differ.`);
    return [{ dtype: a.dtype, shape: product(a.shape, b.shape) }];
  },
  "com.microsoft.FusedMatMul": (c) => {
    const a = turned(need(c, 0).shape, integer(c.attributes["transA"], 0) === 1);
    const b = turned(need(c, 1).shape, integer(c.attributes["transB"], 0) === 1);
    return [{ dtype: need(c, 0).dtype, shape: product(a, b) }];
  },
  // Queries [B, L, h·d], keys [B, S, h·d], values [B, S, h·e]; nothing else of what this operator can take.
  "com.microsoft.MultiHeadAttention": (c) => {
    const [q, k, v] = [need(c, 0), need(c, 1), need(c, 2)];
    const heads = integer(c.attributes["num_heads"], 0);
    const fit = q.shape.length === 3 && k.shape.length === 3 && `${k.shape.slice(0, 2)}` === `${v.shape.slice(0, 2)}`;
    if (!fit || q.shape[0] !== k.shape[0] || q.shape[2] !== k.shape[2])
      throw wrong(`queries [${q.shape}], keys [${k.shape}] and values [${v.shape}] do not fit.`);
    if (!(heads > 0) || q.shape[2]! % heads || v.shape[2]! % heads) throw wrong(`${heads} heads do not divide them.`);
    return [{ dtype: q.dtype, shape: [q.shape[0]!, q.shape[1]!, v.shape[2]!] }];
  },
  Gemm: (c) => {
    const a = turned(need(c, 0).shape, integer(c.attributes["transA"], 0) === 1);
    const b = turned(need(c, 1).shape, integer(c.attributes["transB"], 0) === 1);
    if (a.length !== 2 || b.length !== 2) throw wrong("Gemm needs two matrices.");
    const shape = product(a, b);
    if (c.inputs[2] && `${broadcast(shape, c.inputs[2].shape)}` !== `${shape}`)
      throw wrong(`the addend [${c.inputs[2].shape}] does not fit [${shape}].`);
    return [{ dtype: need(c, 0).dtype, shape }];
  },
});
