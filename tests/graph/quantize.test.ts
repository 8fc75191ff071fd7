import {
  type ActivationRanges,
  constantOf,
  conv,
  dequantizeLinear,
  encodeModel,
  type Graph,
  gemm,
  graph,
  input,
  observedRanges,
  observeRanges,
  output,
  parameter,
  quantize,
  relu,
  reshape,
  rewrite,
  sizeOf,
  type Tensor,
  tensor,
  type Value,
} from "@prosopon/graph";
import { gaussians } from "@prosopon/random";
import { type Host, tensorOf } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let host: Host;
beforeAll(async () => {
  host = await createHost({ kind: "in-process", threads: 1 });
});
afterAll(() => host[Symbol.asyncDispose]());

type Weights = Readonly<Record<string, Tensor>>;

async function ran(g: Graph, parameters: Weights, x: Tensor): Promise<Readonly<Record<string, Tensor>>> {
  await using session = await host.load({ model: encodeModel(g, { parameters: "initializers" }), parameters });
  return session.run({ x });
}

const numbers = (length: number, at: (i: number) => number): Float32Array =>
  Float32Array.from({ length }, (_, i) => at(i));
/** Integers of the interval, in no simple order. */
const scattered = (i: number, least: number, most: number): number => least + ((i * 7919 + 13) % (most - least + 1));
/** Halves to even, as ONNX rounds. */
const rounded = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));
const clamped = (x: number): number => Math.min(255, Math.max(0, x));

const [channels, filters, side] = [24, 24, 5];

/** A convolution 3 x 3 with a border of zeros. */
function convolutionGraph(): Graph {
  const g = graph();
  const w = parameter(g, "w", [filters, channels, 3, 3]);
  const x = input(g, "x", "float32", [1, channels, side, side]);
  output(g, "y", conv(x, w, parameter(g, "b", [filters]), { pads: [1, 1, 1, 1] }));
  return g;
}

test("a convolution is what integer arithmetic by hand makes of it, to the last bit", async () => {
  // x = 2⁻⁴ (qx - 128), w = 2⁻ᵏ qw with k by filter, b = 2⁻⁴⁻ᵏ qb, y = 2⁻¹ (qy - 100).
  const range: ActivationRanges = { w: { input: [-8, 127 / 16], output: [-50, 77.5] } };
  const fine = (f: number): number => 2 ** -(6 + (f % 3));
  const qx = (c: number, i: number, j: number): number => scattered((c * side + i) * side + j, 0, 255) - 128;
  const qw = (f: number, c: number, i: number, j: number): number =>
    // One weight of each filter reaches 127, which gives its scale.
    c + i + j === 0 ? 127 : scattered(((f * channels + c) * 3 + i) * 3 + j, -60, 60);
  const qb = (f: number): number => scattered(f, -900, 900);
  const kernel = 9 * channels;
  const weights = {
    w: tensor(
      "float32",
      [filters, channels, 3, 3],
      numbers(filters * kernel, (n) => {
        const [f, c, at] = [Math.floor(n / kernel), Math.floor((n % kernel) / 9), n % 9];
        return fine(f) * qw(f, c, Math.floor(at / 3), at % 3);
      }),
    ),
    b: tensor(
      "float32",
      [filters],
      numbers(filters, (f) => (fine(f) / 16) * qb(f)),
    ),
  };
  const x = tensor(
    "float32",
    [1, channels, side, side],
    numbers(channels * side * side, (n) => qx(Math.floor(n / side / side), Math.floor(n / side) % side, n % side) / 16),
  );
  const expected: number[] = [];
  let limits = 0;
  for (let f = 0; f < filters; f++)
    for (let i = 0; i < side; i++)
      for (let j = 0; j < side; j++) {
        let sum = qb(f);
        for (let c = 0; c < channels; c++)
          for (let k = 0; k < 9; k++) {
            const [row, column] = [i + Math.floor(k / 3) - 1, j + (k % 3) - 1];
            if (row >= 0 && row < side && column >= 0 && column < side)
              sum += qx(c, row, column) * qw(f, c, Math.floor(k / 3), k % 3);
          }
        const q = clamped(rounded((sum * fine(f)) / 16 / 0.5) + 100);
        if (q === 0 || q === 255) limits++;
        expected.push((q - 100) / 2);
      }
  // Some results meet the limits of uint8, most do not.
  expect(limits).toBeGreaterThan(0);
  expect(limits).toBeLessThan(expected.length / 2);
  const { y } = await ran(quantize(convolutionGraph(), range), weights, x);
  expect([...(y!.data as Float32Array)]).toEqual(expected);
});

test("a product is too, with sums that are not rounded", async () => {
  const [rows, inputs, outputs] = [3, 10, 70];
  const g = graph();
  const b = parameter(g, "b", [outputs]);
  output(
    g,
    "y",
    gemm(input(g, "x", "float32", [rows, inputs]), parameter(g, "w", [outputs, inputs]), b, { transB: true }),
  );
  const qx = (r: number, k: number): number => scattered(r * inputs + k, 0, 255) - 55;
  const qw = (o: number, k: number): number => (k === 3 ? -127 : scattered(o * inputs + k, -90, 90));
  const fine = (o: number): number => 2 ** -(o % 5);
  const weights = {
    w: tensor(
      "float32",
      [outputs, inputs],
      numbers(outputs * inputs, (n) => fine(Math.floor(n / inputs)) * qw(Math.floor(n / inputs), n % inputs)),
    ),
    b: tensor(
      "float32",
      [outputs],
      numbers(outputs, (o) => (fine(o) / 4) * (o - 30)),
    ),
  };
  const x = tensor(
    "float32",
    [rows, inputs],
    numbers(rows * inputs, (n) => qx(Math.floor(n / inputs), n % inputs) / 4),
  );
  const expected = numbers(rows * outputs, (n) => {
    const [r, o] = [Math.floor(n / outputs), n % outputs];
    const sum = Array.from({ length: inputs }, (_, k) => qx(r, k) * qw(o, k)).reduce((a, c) => a + c, o - 30);
    return (sum * fine(o)) / 4;
  });
  const { y } = await ran(quantize(g, { w: { input: [-55 / 4, 50] } }), weights, x);
  expect(y!.data).toEqual(expected);
});

test("a filter of zeros gives its bias, however large", async () => {
  const biases = numbers(filters, (f) => (f - 12) * 1000);
  const weights = {
    w: tensor("float32", [filters, channels, 3, 3]),
    b: tensor("float32", [filters], biases),
  };
  const x = tensor("float32", [1, channels, side, side], gaussians(1, "x", 0, channels * side * side));
  const range = { w: { input: [-4, 4], output: [-12000, 11000] } } as const;
  const { y } = await ran(quantize(convolutionGraph(), range), weights, x);
  const half = 23000 / 255 / 2;
  (y!.data as Float32Array).forEach((value, n) => {
    expect(Math.abs(value - biases[Math.floor(n / side / side)]!)).toBeLessThanOrEqual(half * 1.001);
  });
});

/** Three convolutions, the last of stride 2, and a product. */
function network(): Graph {
  const g = graph();
  const layer = (x: Value, name: string, outputs: number, stride = 1) =>
    conv(x, parameter(g, `${name}.w`, [outputs, x.shape[1]!, 3, 3]), parameter(g, `${name}.b`, [outputs]), {
      pads: [1, 1, 1, 1],
      strides: [stride, stride],
    });
  let h = relu(layer(input(g, "x", "float32", [1, 24, 12, 12]), "one", 32));
  h = relu(layer(layer(h, "two", 32), "three", 24, 2));
  const rows = reshape(h, [24, 36]);
  output(g, "y", gemm(rows, parameter(g, "four.w", [96, 36]), parameter(g, "four.b", [96]), { transB: true }));
  return g;
}

/** Spread as in trained networks: every filter has a size of its own, over two orders of magnitude. */
const weightsOf = (g: Graph): Weights =>
  Object.fromEntries(
    g.parameters.map(({ name, shape }) => {
      const inner = sizeOf(shape.slice(1));
      const drawn = gaussians(3, name, 0, sizeOf(shape));
      const spread = (n: number) =>
        shape.length > 1 ? 10 ** -((Math.floor(n / inner) % 5) / 2) / Math.sqrt(inner) : 0.1;
      return [
        name,
        tensor(
          "float32",
          shape,
          drawn.map((v, n) => v * spread(n)),
        ),
      ];
    }),
  );

/** Largest error over the rows or columns of the result, each as a share of its size. */
function errors(found: Tensor, wanted: Tensor, width: number): readonly number[] {
  const squares = (of: (n: number) => number, o: number) =>
    Array.from({ length: wanted.data.length / width }, (_, r) => of(r * width + o) ** 2).reduce((a, b) => a + b, 0);
  const [a, b] = [found.data as Float32Array, wanted.data as Float32Array];
  return Array.from({ length: width }, (_, o) =>
    Math.sqrt(squares((n) => a[n]! - b[n]!, o) / squares((n) => b[n]!, o)),
  );
}

describe("a small network", () => {
  const g = network();
  const weights = weightsOf(g);
  const x = tensor("float32", [1, 24, 12, 12], gaussians(4, "x", 0, 24 * 144));
  let wanted: Tensor;
  let ranges: ActivationRanges;
  beforeAll(async () => {
    const outputs = await ran(observeRanges(g), weights, x);
    wanted = tensorOf(outputs, "y");
    ranges = observedRanges(outputs);
  });
  const worst = async (graph: Graph) => Math.max(...errors((await ran(graph, weights, x))["y"]!, wanted, 96));

  test("is watched in float32: its ranges are those of what goes through it", async () => {
    expect(Object.keys(ranges)).toEqual(["one.w", "two.w", "three.w", "four.w"]);
    const data = x.data as Float32Array;
    expect(ranges["one.w"]!.input).toEqual([Math.min(...data), Math.max(...data)]);
    expect(ranges["two.w"]!.output).toEqual(ranges["three.w"]!.input);
    expect(ranges["four.w"]!.output).toBeUndefined();
    const plain = await ran(g, weights, x);
    expect(plain["y"]!.data).toEqual(wanted.data);
  });

  test("keeps every result within 8 % of its size", async () => {
    expect(await worst(quantize(g, ranges))).toBeLessThan(0.08);
  });

  test("the ranges of other layers do not do", async () => {
    const { "one.w": one, "three.w": three } = ranges as Readonly<Record<string, ActivationRanges[string]>>;
    const shifted = { ...ranges, "one.w": three!, "three.w": one! };
    expect(await worst(quantize(g, shifted))).toBeGreaterThan(0.5);
  });

  test("nor do results read without their zero point", async () => {
    const broken = rewrite(quantize(g, ranges), (node, [values, scale]) =>
      node.op === "DequantizeLinear"
        ? [dequantizeLinear({ values: values!, scale: scale!, zero: constantOf(values!.graph, "uint8", 0) })]
        : undefined,
    );
    expect(await worst(broken)).toBeGreaterThan(0.5);
  });

  test("nor does one scale for all filters of a layer", async () => {
    const coarse = Object.entries(weights).map(([name, { shape, data }]): [string, Tensor] => {
      const step = Math.max(...(data as Float32Array).map(Math.abs)) / 127;
      const rough = (data as Float32Array).map((v) => step * Math.round(v / step));
      return [name, shape.length > 1 ? tensor("float32", shape, rough) : weights[name]!];
    });
    const { y } = await ran(quantize(g, ranges), Object.fromEntries(coarse), x);
    expect(Math.max(...errors(y!, wanted, 96))).toBeGreaterThan(0.2);
  });
});
