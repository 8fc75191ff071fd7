import { encodeModel, gemm, graph, input, output, tensor } from "@prosopon/graph";
import { type Host, sessionPool, tensorOf } from "@prosopon/runtime";
import { doubles, type MatrixEntries, type MatrixProduct } from "./matrix-product.ts";

export interface RuntimeProductOptions {
  /**
   * `float64` (default). `float32` is about twice as fast and what torch-fidelity computes distances in; good enough for neighbours, not for
   * covariances.
   */
  readonly precision?: "float32" | "float64";
}

export interface RuntimeProduct extends AsyncDisposable {
  readonly product: MatrixProduct;
}

/** `MatrixProduct` on a host of the runtime: many times faster than JavaScript. One session for each shape. */
export function runtimeProduct(host: Host, { precision = "float64" }: RuntimeProductOptions = {}): RuntimeProduct {
  const rows = (entries: MatrixEntries, shape: readonly [number, number]) =>
    precision === "float64"
      ? tensor("float64", shape, doubles(entries))
      : tensor("float32", shape, entries instanceof Float32Array ? entries : Float32Array.from(entries));
  const sessions = sessionPool<string>();
  const session = (m: number, n: number, k: number) =>
    sessions.get(`${m} ${n} ${k}`, () => {
      const g = graph({ name: "product" });
      const [a, b] = [input(g, "a", precision, [m, k]), input(g, "b", precision, [n, k])];
      output(g, "product", gemm(a, b, undefined, { transB: true }));
      return host.load({ model: encodeModel(g) });
    });
  return {
    async product(a, b, { m, n, k }) {
      const loaded = await session(m, n, k);
      const found = await loaded.run({ a: rows(a, [m, k]), b: rows(b, [n, k]) });
      return doubles(tensorOf(found, "product").data as MatrixEntries);
    },
    [Symbol.asyncDispose]: () => sessions[Symbol.asyncDispose](),
  };
}
