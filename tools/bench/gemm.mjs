import { encodeModel, graph, input, matMul, output, parameter, slice } from "@prosopon/graph";
import { filledParameters, normal } from "./filled.mjs";
import { timed } from "./interleave.mjs";

const links = 4;

/**
 * The yardstick: products of square matrices, four in a row so that neither the copy of the result nor the call weighs anything. The right
 * factors are constants, as a network's weights are.
 */
export async function openGemm(host, size) {
  const g = graph({ name: "gemm" });
  const shape = [size, size];
  const factors = Array.from({ length: links }, (_, i) => parameter(g, `factor.${i}`, shape));
  const product = factors.reduce((x, factor) => matMul(x, factor), input(g, "x", "float32", shape));
  output(g, "row", slice(product, { axis: 0, start: 0, end: 1 }));
  const session = await host.load({
    model: encodeModel(g, { parameters: "initializers" }),
    parameters: filledParameters(factors.map(({ name, shape }) => ({ name, shape }))),
  });
  const x = normal("gemm", shape);
  return {
    flops: 2 * size ** 3,
    /** Milliseconds of one product each. */
    turn: async (repetitions) => (await timed(() => session.run({ x }), repetitions)).map((ms) => ms / links),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}
