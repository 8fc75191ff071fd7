import { encodeModel, gemm, graph, input, output, tensor } from "@prosopon/graph";
import { type Host, type Session, tensorOf } from "@prosopon/runtime";
import type { MatrixProduct } from "./matrix-product.ts";

export interface RuntimeProduct extends AsyncDisposable {
  readonly product: MatrixProduct;
}

/** `MatrixProduct` on a host of the runtime, in float64: many times faster than JavaScript. One session for each shape. */
export function runtimeProduct(host: Host): RuntimeProduct {
  const sessions = new Map<string, Promise<Session>>();
  function session(m: number, n: number, k: number): Promise<Session> {
    const key = `${m} ${n} ${k}`;
    const known = sessions.get(key);
    if (known) return known;
    const g = graph({ name: "product" });
    const [a, b] = [input(g, "a", "float64", [m, k]), input(g, "b", "float64", [n, k])];
    output(g, "product", gemm(a, b, undefined, { transB: true }));
    const opened = host.load({ model: encodeModel(g) });
    sessions.set(key, opened);
    opened.catch(() => sessions.delete(key));
    return opened;
  }
  return {
    async product(a, b, { m, n, k }) {
      const loaded = await session(m, n, k);
      const found = await loaded.run({ a: tensor("float64", [m, k], a), b: tensor("float64", [n, k], b) });
      return tensorOf(found, "product").data as Float64Array;
    },
    async [Symbol.asyncDispose]() {
      const opened = await Promise.allSettled(sessions.values());
      await Promise.all(opened.map(async (s) => s.status === "fulfilled" && (await s.value[Symbol.asyncDispose]())));
    },
  };
}
