import { isProsoponError } from "@prosopon/errors";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeModel } from "../encode/encode-model.ts";
import { tensorMessage } from "../encode/tensor-message.ts";
import { graph, input, output, parameter } from "../graph.ts";
import { tensor } from "../make-tensor.ts";
import { conv } from "../ops/convolution.ts";
import { add, silu } from "../ops/elementwise.ts";
import { reshape, split } from "../ops/movement.ts";
import { reduceSum } from "../ops/reduction.ts";
import { type GraphMessage, type ModelMessage, modelMessage, type TensorMessage } from "../protobuf/messages.ts";
import { decodeModel, decodeWeights } from "./decode-model.ts";

const declared = (name: string, dims: readonly (number | string)[], type = 1) => ({
  name,
  type: {
    tensor_type: {
      elem_type: type,
      shape: { dim: dims.map((d) => (typeof d === "number" ? { dim_value: d } : { dim_param: d })) },
    },
  },
});

function encoded(message: GraphMessage, opset = 17): Uint8Array {
  const model: ModelMessage = { ir_version: 8, graph: message, opset_import: [{ domain: "", version: opset }] };
  return Uint8Array.from(modelMessage.encode(model).finish());
}

const oneNode = (op: string, more: GraphMessage = {}, inputs = ["x"]): GraphMessage => ({
  node: [{ op_type: op, name: "encoder/layer.3/it", input: inputs, output: ["y"] }],
  input: [declared("x", [2, 3])],
  output: [{ name: "y" }],
  ...more,
});

describe("what cannot be read is refused by name", () => {
  const refused: readonly (readonly [string, Uint8Array, RegExp])[] = [
    [
      "an unknown operator",
      encoded(oneNode("Frobnicate")),
      /Frobnicate "encoder\/layer.3\/it": Frobnicate at encoder\/layer.3 /,
    ],
    [
      "a missing input",
      encoded(oneNode("Relu", {}, ["ghost"])),
      /Relu "encoder.*its input "ghost" is not computed before it/,
    ],
    [
      "a subgraph",
      encoded({
        node: [
          { op_type: "Loop", name: "a/b", input: [], output: ["y"], attribute: [{ name: "body", type: 5, g: {} }] },
        ],
        output: [{ name: "y" }],
      }),
      /Loop "a\/b": Loop holds a subgraph/,
    ],
    [
      "an If that the input decides",
      encoded({
        node: [
          {
            op_type: "If",
            name: "choice",
            input: ["x"],
            output: ["y"],
            attribute: [{ name: "then_branch", type: 5, g: {} }],
          },
        ],
        input: [declared("x", [], 9)],
        output: [{ name: "y" }],
      }),
      /If "choice": its condition is computed from the input\(s\) x/,
    ],
    ["an operator set of the future", encoded(oneNode("Relu"), 99), /operator set 99/],
    [
      "text inputs",
      encoded(oneNode("Relu", { input: [declared("x", [1], 8)] })),
      /input "x" has the ONNX element type 8/,
    ],
    ["an output from nowhere", encoded(oneNode("Relu", { output: [{ name: "z" }] })), /output "z" is not computed/],
    ["no graph", Uint8Array.of(), /no ONNX graph/],
    ["no protobuf", Uint8Array.of(1, 2, 3, 255, 255), /not a readable ONNX model/],
  ];
  test.each(refused)("%s", (_, bytes, message) => {
    expect(() => decodeModel(bytes)).toThrow(message);
    try {
      decodeModel(bytes);
    } catch (error) {
      expect(isProsoponError(error) && error.code).toBe("bad-file");
    }
  });
});

describe("symbolic dimensions", () => {
  const bytes = encoded(oneNode("Relu", { input: [declared("x", ["batch", 3])] }));
  test("are bound by name or by whole shapes", () => {
    expect(decodeModel(bytes, { dimensions: { batch: 5 } }).outputs.get("y")!.shape).toEqual([5, 3]);
    expect(decodeModel(bytes, { inputs: { x: [4, 3] } }).outputs.get("y")!.shape).toEqual([4, 3]);
  });
  test("a shape for one input binds the symbols of the others", () => {
    const two = encoded(oneNode("Add", { input: [declared("x", ["n", 3]), declared("z", ["n", 1])] }, ["x", "z"]));
    expect(decodeModel(two, { inputs: { x: [4, 3] } }).inputs.map((v) => v.shape)).toEqual([
      [4, 3],
      [4, 1],
    ]);
    expect(() => decodeModel(two, { inputs: { x: [4, 3], z: [5, 1] } })).toThrow(
      /Dimension 0 of the input "z" is 4, not 5/,
    );
  });
  test("that stay free are named", () => {
    expect(() => decodeModel(bytes)).toThrow(
      /Dimension 0 of the input "x" is free \("batch"\).*dimensions: \{ "batch": n \}/,
    );
  });
  test("that contradict the model are refused", () => {
    expect(() => decodeModel(bytes, { inputs: { x: [4, 7] } })).toThrow(/Dimension 1 of the input "x" is 3, not 7/);
    expect(() => decodeModel(bytes, { inputs: { constructor: [4] } })).toThrow(/no input "constructor"; it has x/);
    expect(() => decodeModel(bytes, { dimensions: { batch: 1.5 } })).toThrow(/"batch" cannot be 1.5/);
  });
});

describe("weights", () => {
  const withWeight = (w: TensorMessage, opset = 17) =>
    encoded(oneNode("Add", { initializer: [{ name: "w", ...w }] }, ["x", "w"]), opset);
  const weight = (bytes: Uint8Array, options = {}) => {
    const g = decodeModel(bytes, options);
    return [...g.constants.values()][0]!;
  };
  test("are read from typed fields as from raw bytes", () => {
    const raw = weight(withWeight(tensorMessage(tensor("float32", [3], [1, 2, 3]))));
    expect(weight(withWeight({ dims: [3], data_type: 1, float_data: [1, 2, 3] }))).toEqual(raw);
    expect(() => weight(withWeight({ dims: [3], data_type: 1, float_data: [1, 2] }))).toThrow(
      /"w" holds 2 elements, not 3/,
    );
    expect(() => weight(withWeight({ dims: [3], data_type: 1, raw_data: new Uint8Array(11) }))).toThrow(
      /11 bytes, not 12/,
    );
  });
  test("of 64 bits and of half precision keep their bits", () => {
    const int = {
      ...oneNode("Cast"),
      initializer: [{ name: "w", dims: [2], data_type: 7, int64_data: [-5, 2 ** 40] }],
    };
    int.node = [{ op_type: "Add", input: ["x", "w"], output: ["y"] }];
    int.input = [declared("x", [2], 7)];
    expect(weight(encoded(int)).data).toEqual(BigInt64Array.of(-5n, 2n ** 40n));
    const half = { ...int, initializer: [{ name: "w", dims: [2], data_type: 10, int32_data: [0x3c00, 0xc000] }] };
    half.input = [declared("x", [2], 10)];
    expect(weight(encoded(half)).data).toEqual(Uint16Array.of(0x3c00, 0xc000));
  });
  test("outside the file come from `external`, and only from there", () => {
    const outside: TensorMessage = {
      dims: [3],
      data_type: 1,
      data_location: 1,
      external_data: [
        { key: "location", value: "weights.bin" },
        { key: "offset", value: "8" },
        { key: "length", value: "12" },
      ],
    };
    const asked: unknown[] = [];
    const external = (...all: readonly unknown[]) => {
      asked.push(all);
      return new Uint8Array(Float32Array.of(4, 5, 6).buffer);
    };
    expect([...(weight(withWeight(outside), { external }).data as Float32Array)]).toEqual([4, 5, 6]);
    expect(asked).toEqual([["weights.bin", 8, 12]]);
    expect(() => decodeModel(withWeight(outside))).toThrow(/"w" lies outside the model, in "weights.bin"/);
    const short = { ...outside, external_data: [...outside.external_data!.slice(0, 2), { key: "length", value: "4" }] };
    expect(() => decodeModel(withWeight(short), { external })).toThrow(/needs 12 bytes, not 4/);
  });
  test("become parameters when asked", () => {
    const bytes = withWeight(tensorMessage(tensor("float32", [3], [1, 2, 3])));
    const g = decodeModel(bytes, { weights: "parameters" });
    expect(g.parameters.map((v) => [v.name, v.shape])).toEqual([["w", [3]]]);
    expect([...(decodeWeights(bytes).get("w")!.data as Float32Array)]).toEqual([1, 2, 3]);
  });
  test("listed among the inputs, as old files have it, are no inputs", () => {
    const message = oneNode("Add", { initializer: [{ name: "w", dims: [1], data_type: 1, float_data: [1] }] }, [
      "x",
      "w",
    ]);
    message.input = [declared("x", [2, 3]), declared("w", [1])];
    expect(decodeModel(encoded(message, 9)).inputs.map((v) => v.name)).toEqual(["x"]);
  });
});

test("an input can be fixed, and an If on it then takes its branch", () => {
  const branch = (op: string): GraphMessage => ({
    node: [{ op_type: op, input: ["x"], output: ["z"] }],
    output: [{ name: "z" }],
  });
  const bytes = encoded({
    node: [
      {
        op_type: "If",
        input: ["flag"],
        output: ["y"],
        attribute: [
          { name: "then_branch", type: 5, g: branch("Exp") },
          { name: "else_branch", type: 5, g: branch("Neg") },
        ],
      },
    ],
    input: [declared("x", [2]), declared("flag", [], 9)],
    output: [{ name: "y" }],
  });
  const ops = (flag: number) =>
    decodeModel(bytes, { fixed: { flag: tensor("bool", [], [flag]) } }).nodes.map((n) => n.op);
  expect(ops(1)).toEqual(["Exp"]);
  expect(ops(0)).toEqual(["Neg"]);
  expect(() => decodeModel(bytes, { fixed: { flog: tensor("bool", [], [1]) } })).toThrow(/no input "flog"/);
});

describe("corrupt bytes are refused, never a crash", () => {
  const g = graph({ name: "victim" });
  const x = input(g, "x", "float32", [1, 2, 4, 4]);
  const y = silu(conv(x, parameter(g, "w", [4, 2, 3, 3]), undefined, { pads: [1, 1, 1, 1] }));
  const [a, b] = split(reshape(y, [4, 16]), [8, 8], 1);
  output(g, "sum", reduceSum(add(a!, b!), { axes: [-1] }));
  const bytes = encodeModel(g, { parameters: new Map([["w", tensor("float32", [4, 2, 3, 3])]]) });

  const edit = fc.record({ at: fc.nat(bytes.length - 1), value: fc.integer({ min: 0, max: 255 }), kind: fc.nat(3) });
  test("under random edits", () => {
    const counts = { read: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let broken = Array.from(bytes);
        for (const { at, value, kind } of edits) {
          if (kind === 0) broken[at % broken.length] = value;
          else if (kind === 1) broken.splice(at, 1);
          else if (kind === 2) broken.splice(at, 0, value);
          else broken = broken.slice(0, Math.max(1, at));
        }
        try {
          decodeModel(Uint8Array.from(broken));
          counts.read++;
        } catch (error) {
          counts.refused++;
          expect(isProsoponError(error) ? error.code : error).toMatch(/^bad-(file|input)$/);
        }
      }),
      { numRuns: 1000, seed: 11 },
    );
    // Control: both happen, so neither branch of the test is empty.
    expect(counts.refused).toBeGreaterThan(100);
    expect(counts.read).toBeGreaterThan(20);
  });

  test("at every length", () => {
    for (let length = 0; length < bytes.length; length++)
      try {
        decodeModel(bytes.subarray(0, length));
      } catch (error) {
        expect(isProsoponError(error) && error.code, `${length}`).toBe("bad-file");
      }
    expect(() => decodeModel(bytes)).not.toThrow();
  });
});
