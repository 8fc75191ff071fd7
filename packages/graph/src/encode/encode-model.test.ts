import { expect, test } from "vitest";
import { apply1 } from "../apply.ts";
import { constantOf } from "../constant.ts";
import { type Graph, graph, input, output, parameter, within } from "../graph.ts";
import { tensor } from "../make-tensor.ts";
import { add, exp, gelu, mul } from "../ops/elementwise.ts";
import { type ModelMessage, modelMessage } from "../protobuf/messages.ts";
import { encodeModel } from "./encode-model.ts";

const read = (bytes: Uint8Array): Required<ModelMessage> =>
  modelMessage.decode(bytes) as unknown as Required<ModelMessage>;

function sample(): Graph {
  const g = graph({ name: "sample" });
  const x = input(g, "x", "float32", [2, 3]);
  const w = parameter(g, "w", [3]);
  const y = within(g, "block", () => within(g, "scale", () => mul(x, w)));
  exp(y);
  add(x, 17);
  output(g, "y", add(y, 1));
  return g;
}

const declared = (model: Required<ModelMessage>) => model.graph.input!.map((v) => v.name);

test("the same graph gives the same bytes, built once or twice", () => {
  const g = sample();
  expect(encodeModel(g)).toEqual(encodeModel(g));
  expect(encodeModel(g)).toEqual(encodeModel(sample()));
  const other = sample();
  output(other, "z", exp(other.inputs[0]!));
  expect(encodeModel(other)).not.toEqual(encodeModel(g));
});

test("nodes and constants that no output needs are left out, and names say the path", () => {
  const { graph: message } = read(encodeModel(sample()));
  expect(message.node!.map((n) => n.op_type)).toEqual(["Mul", "Add"]);
  expect(message.node![0]!.name).toMatch(/^block\/scale\/mul/);
  expect(message.node![1]!.output).toEqual(["y"]);
  expect(message.initializer).toHaveLength(1);
  expect([...message.initializer![0]!.raw_data!]).toEqual([0, 0, 0x80, 0x3f]);
});

test("parameters are inputs, absent, or baked in", () => {
  const g = sample();
  expect(declared(read(encodeModel(g)))).toEqual(["x", "w"]);
  expect(declared(read(encodeModel(g, { parameters: "initializers" })))).toEqual(["x"]);
  const baked = read(encodeModel(g, { parameters: new Map([["w", tensor("float32", [3], [1, 2, 3])]]) }));
  expect(declared(baked)).toEqual(["x"]);
  expect(baked.graph.initializer!.map((t) => t.name)).toContain("w");
});

test("tensors that do not fit a parameter are refused by name", () => {
  const g = sample();
  expect(() => encodeModel(g, { parameters: new Map() })).toThrow(/No tensor is given for the parameter "w"/);
  const wrong = new Map([["w", tensor("float32", [4])]]);
  expect(() => encodeModel(g, { parameters: wrong })).toThrow(/"w" is float32\[4\], the parameter float32\[3\]/);
});

test("a graph without outputs and an output named like an input are refused", () => {
  expect(() => encodeModel(graph({ name: "empty" }))).toThrow(/"empty" has no outputs/);
  const g = graph();
  output(g, "x", exp(input(g, "x", "float32", [1])));
  expect(() => encodeModel(g)).toThrow(/output "x" has the name of an input/);
});

test("an output may take the name that another value had, and one value may have two output names", () => {
  const g = graph();
  const x = input(g, "x", "float32", [1]);
  const inner = exp(x);
  output(g, inner.name, add(inner, 1));
  output(g, "first", inner);
  output(g, "second", inner);
  const { graph: message } = read(encodeModel(g));
  expect(message.output!.map((o) => o.name)).toEqual([inner.name, "first", "second"]);
  const made = message.node!.flatMap((n) => n.output!);
  expect(new Set(made).size).toBe(made.length);
  expect(message.node!.find((n) => n.output![0] === "second")).toMatchObject({ op_type: "Identity", input: ["first"] });
});

test("the Microsoft operator set is imported only when used", () => {
  const sets = (g: Graph) => read(encodeModel(g)).opset_import.map((o) => [o.domain, Number(String(o.version))]);
  expect(sets(sample())).toEqual([["", 21]]);
  const g = sample();
  output(g, "g", gelu(g.inputs[0]!));
  expect(sets(g)).toEqual([
    ["", 21],
    ["com.microsoft", 1],
  ]);
});

test("a number is a float or an integer by its attribute's name, 0 and 1 included", () => {
  const g = graph();
  const x = input(g, "x", "float32", [2, 2]);
  output(g, "y", apply1(g, "Gemm", [x, x], { alpha: 1, beta: 0, transA: 0 }));
  const attributes = read(encodeModel(g)).graph.node![0]!.attribute!;
  expect(attributes.map((a) => [a.name, a.type])).toEqual([
    ["alpha", 1],
    ["beta", 1],
    ["transA", 2],
  ]);
});

test("absent inputs in the middle are empty names, at the end nothing", () => {
  const g = graph();
  const x = input(g, "x", "float32", [2]);
  output(g, "y", apply1(g, "Clip", [x, undefined, constantOf(g, "float32", 1)]));
  output(g, "z", apply1(g, "Clip", [x, constantOf(g, "float32", 1), undefined]));
  const [a, b] = read(encodeModel(g)).graph.node!;
  expect(a!.input).toHaveLength(3);
  expect(a!.input![1]).toBe("");
  expect(b!.input).toHaveLength(2);
});

test("initializers appended to the bytes belong to the model: protobuf messages join by concatenation", () => {
  const g = sample();
  const bytes = encodeModel(g, { parameters: "initializers" });
  const more = modelMessage
    .encode({ graph: { initializer: [{ name: "w", dims: [3], data_type: 1, raw_data: new Uint8Array(12) }] } })
    .finish();
  const joined = read(Uint8Array.from([...bytes, ...more]));
  expect(joined.graph.node).toHaveLength(2);
  expect(joined.graph.initializer!.map((t) => t.name)).toContain("w");
});

test("64-bit constants keep every digit", () => {
  const large = tensor("int64", [2], BigInt64Array.of(2n ** 63n - 1n, -(2n ** 62n) - 1n));
  const g = graph();
  const p = parameter(g, "p", [2], "int64");
  output(g, "y", add(p, p));
  const raw = read(encodeModel(g, { parameters: new Map([["p", large]]) })).graph.initializer![0]!.raw_data!;
  expect(new BigInt64Array(Uint8Array.from(raw).buffer)).toEqual(large.data);
});
