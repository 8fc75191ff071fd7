import { apply1 } from "../apply.ts";
import type { Value } from "../graph.ts";

/** Matrix product over the last two axes, broadcast over the others. */
export const matMul = (a: Value, b: Value): Value => apply1(a.graph, "MatMul", [a, b]);

export interface FusedMatMulOptions {
  readonly alpha?: number;
  readonly transA?: boolean;
  readonly transB?: boolean;
}

/** alpha · a' · b' with either matrix optionally transposed in its last two axes; one fused node of the runtime. */
export const fusedMatMul = (
  a: Value,
  b: Value,
  { alpha = 1, transA = false, transB = false }: FusedMatMulOptions = {},
): Value =>
  alpha === 1 && !transA && !transB
    ? matMul(a, b)
    : apply1(
        a.graph,
        "FusedMatMul",
        [a, b],
        { alpha, transA: transA ? 1 : 0, transB: transB ? 1 : 0 },
        { domain: "com.microsoft" },
      );

export interface GemmOptions {
  readonly alpha?: number;
  readonly beta?: number;
  readonly transA?: boolean;
  readonly transB?: boolean;
}

/** alpha · a' · b' + beta · c for matrices; c broadcasts. */
export const gemm = (
  a: Value,
  b: Value,
  c?: Value,
  { alpha = 1, beta = 1, transA = false, transB = false }: GemmOptions = {},
): Value =>
  apply1(a.graph, "Gemm", c ? [a, b, c] : [a, b], { alpha, beta, transA: transA ? 1 : 0, transB: transB ? 1 : 0 });
