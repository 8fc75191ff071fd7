import type { Value } from "../graph.ts";
import { integer } from "../infer/inference.ts";
import { mul } from "../ops/elementwise.ts";
import { fusedMatMul, matMul } from "../ops/matrix.ts";
import { reshape, transpose } from "../ops/movement.ts";
import type { GradientContext, GradientRule, GradientRules } from "./gradient-rule.ts";
import { unbroadcast } from "./unbroadcast.ts";

interface Turns {
  readonly alpha?: number;
  readonly transA?: boolean;
  readonly transB?: boolean;
}

const turn = (x: Value): Value => {
  const n = x.shape.length;
  return transpose(x, [...Array(n - 2).keys(), n - 1, n - 2]);
};

/** alpha · a' · b'. The fused kernel knows only float32. */
export function product(a: Value, b: Value, { alpha = 1, transA = false, transB = false }: Turns = {}): Value {
  if (a.dtype === "float32") return fusedMatMul(a, b, { alpha, transA, transB });
  const plain = matMul(transA ? turn(a) : a, transB ? turn(b) : b);
  return alpha === 1 ? plain : mul(plain, alpha);
}

/** With y = alpha · a' · b': the gradients of a and b, given that of y, all at least matrices. */
function factors(
  a: Value,
  b: Value,
  g: Value,
  needs: readonly boolean[],
  { alpha = 1, transA = false, transB = false }: Turns,
) {
  const rows = (x: Value) => reshape(x, [-1, x.shape.at(-1)!]);
  // A matrix that is shared by a whole batch: one large product instead of a batch of products and their sum.
  const shared = b.shape.length === 2 && a.shape.length > 2 && !transA;
  const left = () =>
    transA ? product(b, g, { alpha, transA: transB, transB: true }) : product(g, b, { alpha, transB: !transB });
  const right = () => {
    const [x, y] = shared ? [rows(a), rows(g)] : [a, g];
    return transB ? product(y, x, { alpha, transA: true, transB: transA }) : product(x, y, { alpha, transA: !transA });
  };
  return [needs[0] ? unbroadcast(left(), a.shape) : undefined, needs[1] ? unbroadcast(right(), b.shape) : undefined];
}

/** Vectors count as a row on the left and a column on the right. */
const matrixProduct = ({ inputs, gradients, needs }: GradientContext, turns: Turns): readonly (Value | undefined)[] => {
  const [a, b, g] = [inputs[0]!, inputs[1]!, gradients[0]!];
  const left = a.shape.length === 1 ? reshape(a, [1, ...a.shape]) : a;
  const right = b.shape.length === 1 ? reshape(b, [...b.shape, 1]) : b;
  const batch = g.shape.slice(0, g.shape.length - (a.shape.length > 1 ? 1 : 0) - (b.shape.length > 1 ? 1 : 0));
  const rows = left.shape.at(turns.transA ? -1 : -2)!;
  const columns = right.shape.at(turns.transB ? -2 : -1)!;
  return factors(left, right, reshape(g, [...batch, rows, columns]), needs, turns).map(
    (part, i) => part && reshape(part, inputs[i]!.shape),
  );
};

const turnsOf = ({ node: { attributes } }: GradientContext): Turns => ({
  alpha: integer(attributes["alpha"], 1),
  transA: integer(attributes["transA"], 0) === 1,
  transB: integer(attributes["transB"], 0) === 1,
});

const gemm: GradientRule = (context) => {
  const { node, inputs, gradients, needs } = context;
  const [g, addend, beta] = [gradients[0]!, inputs[2], integer(node.attributes["beta"], 1)];
  const [a, b] = needs[0] || needs[1] ? factors(inputs[0]!, inputs[1]!, g, needs, turnsOf(context)) : [];
  const c = addend && needs[2] ? unbroadcast(beta === 1 ? g : mul(g, beta), addend.shape) : undefined;
  return [a, b, c];
};

export const matrixRules: GradientRules = {
  MatMul: (context) => matrixProduct(context, {}),
  "com.microsoft.FusedMatMul": (context) => matrixProduct(context, turnsOf(context)),
  Gemm: gemm,
};

/** [N, F, S] · [N, C, S]' summed over N: [F, C]. One product where N is 1 or S small, else a batch, as measured. */
export function outerSum(y: Value, x: Value): Value {
  const [n, f, s] = y.shape as [number, number, number];
  const c = x.shape[1]!;
  if (n === 1) return product(reshape(y, [f, s]), reshape(x, [c, s]), { transB: true });
  if (s >= 1024) return unbroadcast(product(y, x, { transB: true }), [f, c]);
  const flat = (v: Value) => reshape(transpose(v, [1, 0, 2]), [v.shape[1]!, n * s]);
  return product(flat(y), flat(x), { transB: true });
}
