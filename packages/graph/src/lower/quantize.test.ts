import { isProsoponError } from "@prosopon/errors";
import { describe, expect, test } from "vitest";
import { gradients } from "../gradient/gradients.ts";
import { type Graph, graph, input, output, parameter, type Value } from "../graph.ts";
import { conv } from "../ops/convolution.ts";
import { relu } from "../ops/elementwise.ts";
import { gemm } from "../ops/matrix.ts";
import { split } from "../ops/movement.ts";
import { reduceSum } from "../ops/reduction.ts";
import { type ActivationRanges, joinRanges } from "./activation-ranges.ts";
import { observedRanges, observeRanges } from "./observe-ranges.ts";
import { quantizable } from "./quantizable.ts";
import { quantize } from "./quantize.ts";

const convolution = (x: Value, name: string, outputs: number, kernel = 3, groups = 1): Value =>
  conv(
    x,
    parameter(x.graph, `${name}.weight`, [outputs, x.shape[1]! / groups, kernel, kernel]),
    parameter(x.graph, `${name}.bias`, [outputs]),
    { pads: new Array<number>(4).fill(kernel >> 1), groups },
  );

const ranges: ActivationRanges = {
  "first.weight": { input: [-1, 3], output: [-2, 2] },
  "second.weight": { input: [-2, 2], output: [0, 8] },
  "third.weight": { input: [-2, 2], output: [0, 1] },
};

const operators = (g: Graph): readonly string[] => g.nodes.map(({ op }) => op);
const count = (g: Graph, op: string): number => operators(g).filter((one) => one === op).length;
const named = (g: Graph): readonly (string | undefined)[] =>
  g.nodes.filter(({ op }) => op === "Conv" || op === "Gemm").map((node) => quantizable(node)?.name);

/** A graph of one value [1, 24, 8, 8]. */
function built(build: (x: Value) => Value): Graph {
  const g = graph();
  output(g, "y", build(input(g, "x", "float32", [1, 24, 8, 8])));
  return g;
}

describe("what int8 is for", () => {
  test("wide convolutions, but not those between few channels, in groups, or of weights that are no parameter", () => {
    const g = built((x) => {
      const narrow = convolution(x, "narrow", 3);
      const pixel = convolution(convolution(narrow, "widen", 96), "pixel", 24, 1);
      const grouped = convolution(pixel, "grouped", 24, 3, 24);
      const computed = conv(grouped, relu(parameter(x.graph, "raw", [24, 24, 3, 3])), undefined, {
        pads: [1, 1, 1, 1],
      });
      return convolution(computed, "wide", 24);
    });
    expect(named(g)).toEqual([undefined, undefined, undefined, undefined, undefined, "wide.weight"]);
  });

  test("products of rows, also with a part of a parameter; the batch does not matter", () => {
    const of = (rows: number, outputs: number, transA = false) => {
      const g = graph();
      const x = input(g, "x", "float32", transA ? [8, rows] : [rows, 8]);
      const [upper] = split(parameter(g, "w", [2 * outputs, 8]), [outputs, outputs], 0);
      output(g, "y", gemm(x, upper!, undefined, { transB: true, transA }));
      return named(g)[0];
    };
    expect([of(1, 96), of(1000, 96), of(1000, 32), of(8, 96, true)]).toEqual(["w", "w", undefined, undefined]);
  });
});

describe("quantize", () => {
  test("one operator after the other stays in integers; who follows sees float32", () => {
    const g = quantize(
      built((x) => relu(convolution(convolution(x, "first", 24), "second", 24))),
      ranges,
    );
    const activations = g.nodes.filter(({ op, inputs }) => op === "QuantizeLinear" && inputs[2]!.dtype === "uint8");
    expect([activations.length, count(g, "QLinearConv"), count(g, "DequantizeLinear"), count(g, "Conv")]).toEqual([
      1, 2, 2, 0,
    ]);
    expect(g.outputs.get("y")!.dtype).toBe("float32");
    expect(g.nodes.at(-1)!.op).toBe("Relu");
    // The first result in float32 is nobody's any more.
    const [first, second] = g.nodes.filter(({ op }) => op === "QLinearConv");
    expect(second!.inputs[0]).toBe(first!.outputs[0]);
  });

  test("where ranges differ, the result is rounded again", () => {
    const other = { ...ranges, "second.weight": { input: [-3, 2], output: [0, 8] } } as const;
    const g = quantize(
      built((x) => convolution(convolution(x, "first", 24), "second", 24)),
      other,
    );
    const [first, second] = g.nodes.filter(({ op }) => op === "QLinearConv");
    expect(second!.inputs[0]).not.toBe(first!.outputs[0]);
  });

  test("operators that share an input share its rounding", () => {
    const g = graph();
    const x = input(g, "x", "float32", [1, 24, 8, 8]);
    output(g, "a", convolution(x, "second", 24));
    output(g, "b", convolution(x, "third", 24));
    const quantized = quantize(g, ranges);
    expect(quantized.nodes.filter(({ op, inputs }) => op === "QuantizeLinear" && inputs[0]!.name === "x")).toHaveLength(
      1,
    );
  });

  test("parameters, inputs and outputs keep their names, shapes and types", () => {
    const source = built((x) => convolution(x, "first", 24));
    const facts = ({ name, shape, dtype }: Value) => [name, shape, dtype];
    const g = quantize(source, ranges);
    expect(g.parameters.map(facts)).toEqual(source.parameters.map(facts));
    expect([...g.outputs].map(([name, value]) => [name, value.shape])).toEqual([["y", [1, 24, 8, 8]]]);
  });

  test("an operator whose range is not known is named", () => {
    const g = built((x) => convolution(x, "unknown", 24));
    try {
      quantize(g, ranges);
    } catch (error) {
      if (!isProsoponError(error)) throw error;
      expect([error.code, error.message]).toEqual(["not-found", expect.stringContaining('"unknown.weight"')]);
      return;
    }
    throw new Error("not refused");
  });

  test("rounded numbers have no gradient: it is that of an input that plays no part", () => {
    const source = built((x) => convolution(x, "first", 24));
    input(source, "idle", "float32", [1, 24, 8, 8]);
    const slopes = (g: Graph) => gradients(reduceSum(g.outputs.get("y")!), g.inputs);
    const [rounded, idle] = slopes(quantize(source, ranges));
    expect(rounded).toBe(idle);
    const [real, none] = slopes(source);
    expect(real).not.toBe(none);
  });
});

describe("ranges", () => {
  test("each set of weights is watched once, a product's result is not", () => {
    const g = graph();
    const x = input(g, "x", "float32", [4, 8]);
    const halves = split(parameter(g, "w", [192, 8]), [96, 96], 0);
    halves.forEach((half, i) => {
      output(g, `y${i}`, gemm(x, half, undefined, { transB: true }));
    });
    output(g, "z", convolution(input(g, "picture", "float32", [1, 24, 8, 8]), "c", 24));
    const observed = observeRanges(g);
    const shapes = [...observed.outputs].map(([name, { shape }]) => [name, shape]);
    expect(shapes.slice(3)).toEqual([
      ["range/w", [2]],
      ["range/c.weight", [4]],
    ]);
    const run = {
      z: {},
      "range/w": { data: Float32Array.of(-1, 2) },
      "range/c.weight": { data: Float32Array.of(0, 1, 2, 3) },
    };
    expect(observedRanges(run)).toEqual({ w: { input: [-1, 2] }, "c.weight": { input: [0, 1], output: [2, 3] } });
  });

  test("joined, they hold both", () => {
    const one = { a: { input: [-1, 2], output: [0, 1] }, b: { input: [0, 0] } } as const;
    const other = { a: { input: [0, 3], output: [-5, 0] }, c: { input: [1, 1] } } as const;
    expect(joinRanges(one, other)).toEqual({
      a: { input: [-1, 3], output: [-5, 1] },
      b: { input: [0, 0] },
      c: { input: [1, 1] },
    });
  });
});
