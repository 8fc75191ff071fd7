import { encodeModel, gemm, graph, input, output, tensor } from "@prosopon/graph";
import { type Host, type Session, tensorOf } from "@prosopon/runtime";
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
  const sessions = new Map<string, Promise<Session>>();
  function session(m: number, n: number, k: number): Promise<Session> {
    const key = `${m} ${n} ${k}`;
    const known = sessions.get(key);
    if (known) return known;
    const g = graph({ name: "product" });
    const [a, b] = [input(g, "a", precision, [m, k]), input(g, "b", precision, [n, k])];
    output(g, "product", gemm(a, b, undefined, { transB: true }));
    const opened = host.load({ model: encodeModel(g) });
    sessions.set(key, opened);
    opened.catch(() => sessions.delete(key));
    return opened;
  }
  return {
    async product(a, b, { m, n, k }) {
      const loaded = await session(m, n, k);
      const found = await loaded.run({ a: rows(a, [m, k]), b: rows(b, [n, k]) });
      return doubles(tensorOf(found, "product").data as MatrixEntries);
    },
    async [Symbol.asyncDispose]() {
      const opened = await Promise.allSettled(sessions.values());
      await Promise.all(opened.map(async (s) => s.status === "fulfilled" && (await s.value[Symbol.asyncDispose]())));
    },
  };
}
