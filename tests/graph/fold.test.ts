import {
  type Attributes,
  apply,
  constant,
  constantTensor,
  type DType,
  graph,
  type Tensor,
  tensor,
} from "@prosopon/graph";
import fc from "fast-check";
import { expect, test } from "vitest";
import { rawModel } from "./raw-model.ts";
import { runModel } from "./run-model.ts";

interface Sample {
  readonly op: string;
  readonly inputs: readonly Tensor[];
  readonly attributes?: Attributes;
  readonly outputs?: number;
}

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 });
const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const ints = (...values: readonly number[]) => tensor("int64", [values.length], values);

const element = (dtype: DType, nonzero = false) =>
  dtype.startsWith("float")
    ? fc.integer({ min: -4000, max: 4000 }).map((n) => (nonzero && n === 0 ? 1 : n) / 16)
    : dtype === "bool"
      ? fc.integer({ min: 0, max: 1 })
      : fc
          .oneof(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }))
          .map((n) => (nonzero && n === 0 ? 3 : n));

const filled = (dtype: DType, shape: readonly number[], nonzero = false): fc.Arbitrary<Tensor> =>
  fc
    .array(element(dtype, nonzero), { minLength: size(shape), maxLength: size(shape) })
    .map((values) => tensor(dtype, shape, values));

const numeric = fc.constantFrom<DType>("int64", "int32", "float32");
const dtypes = fc.constantFrom<DType>("int64", "int32", "float32", "bool");

/** Two shapes that broadcast: axes of the second are dropped or made 1. */
const pairs = shapes.chain((a) =>
  fc
    .tuple(fc.integer({ min: 0, max: a.length }), fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }))
    .map(([skip, ones]) => [a, a.map((d, i) => (ones[i] ? 1 : d)).slice(skip)] as const),
);

const binary = (ops: readonly string[], types: fc.Arbitrary<DType>, nonzero = false): fc.Arbitrary<Sample> =>
  fc
    .tuple(fc.constantFrom(...ops), types, pairs, fc.boolean())
    .chain(([op, dtype, [a, b], swap]) =>
      fc
        .tuple(filled(dtype, swap ? b : a, nonzero), filled(dtype, swap ? a : b, nonzero))
        .map((inputs) => ({ op, inputs })),
    );
const unary = (ops: readonly string[], types: fc.Arbitrary<DType>): fc.Arbitrary<Sample> =>
  fc
    .tuple(fc.constantFrom(...ops), types, shapes)
    .chain(([op, dtype, shape]) => filled(dtype, shape).map((x) => ({ op, inputs: [x] })));

/** A tensor with at least one axis, and one of its axes. */
const withAxis = fc
  .tuple(
    dtypes,
    shapes.filter((s) => s.length > 0),
  )
  .chain(([dtype, shape]) => fc.tuple(filled(dtype, shape), fc.integer({ min: -shape.length, max: shape.length - 1 })));

const axisOf = (x: Tensor, axis: number) => (axis < 0 ? axis + x.shape.length : axis);
const bound = fc.integer({ min: -6, max: 6 });

const samples: Readonly<Record<string, fc.Arbitrary<Sample>>> = {
  arithmetic: binary(["Add", "Sub", "Mul", "Min", "Max"], numeric),
  division: binary(["Div"], numeric, true),
  modulo: binary(["Mod"], fc.constantFrom<DType>("int64", "int32"), true),
  logic: binary(["And", "Or", "Xor"], fc.constant("bool")),
  comparison: binary(["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"], numeric),
  sign: unary(["Neg", "Abs", "Sign"], numeric),
  rounding: unary(["Floor", "Ceil", "Round"], fc.constant("float32")),
  root: unary(["Sqrt"], fc.constant("float32")).map(({ op, inputs: [x] }) => ({
    op,
    inputs: [{ ...x!, data: (x!.data as Float32Array).map(Math.abs) }],
  })),
  reciprocal: fc
    .tuple(shapes)
    .chain(([s]) => filled("float32", s, true).map((x) => ({ op: "Reciprocal", inputs: [x] }))),
  not: unary(["Not"], fc.constant("bool")),
  cast: fc
    .tuple(dtypes, fc.constantFrom(1, 6, 7, 9, 11), shapes)
    .chain(([dtype, to, shape]) => filled(dtype, shape).map((x) => ({ op: "Cast", inputs: [x], attributes: { to } }))),
  where: fc
    .tuple(fc.constantFrom<DType>("int64", "float32"), pairs)
    .chain(([dtype, [a, b]]) =>
      fc.tuple(filled("bool", b), filled(dtype, a), filled(dtype, [])).map((inputs) => ({ op: "Where", inputs })),
    ),
  transpose: fc
    .tuple(dtypes, shapes)
    .chain(([dtype, shape]) =>
      fc
        .tuple(filled(dtype, shape), fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }))
        .map(([x, perm]) => ({ op: "Transpose", inputs: [x], ...(shape.length ? { attributes: { perm } } : {}) })),
    ),
  reshape: withAxis.map(([x]) => ({ op: "Reshape", inputs: [x, ints(-1)] })),
  flatten: withAxis.map(([x, axis]) => ({ op: "Flatten", inputs: [x], attributes: { axis } })),
  unsqueeze: withAxis.map(([x, axis]) => ({ op: "Unsqueeze", inputs: [x, ints(axis)] })),
  slice: fc.tuple(withAxis, bound, bound, fc.constantFrom(-2, -1, 1, 2, 3)).map(([[x, axis], start, end, step]) => ({
    op: "Slice",
    inputs: [x, ints(start), ints(end), ints(axis), ints(step)],
  })),
  concat: fc.tuple(withAxis, fc.integer({ min: 1, max: 3 })).map(([[x, axis], copies]) => ({
    op: "Concat",
    inputs: new Array<Tensor>(copies + 1).fill(x),
    attributes: { axis },
  })),
  split: fc.tuple(withAxis, fc.integer({ min: 0, max: 4 })).map(([[x, axis], cut]) => {
    const d = x.shape[axisOf(x, axis)]!;
    const first = Math.min(cut, d);
    return { op: "Split", inputs: [x, ints(first, d - first)], attributes: { axis }, outputs: 2 };
  }),
  gather: fc.tuple(withAxis, shapes, fc.infiniteStream(fc.nat())).map(([[x, axis], shape, stream]) => {
    const d = x.shape[axisOf(x, axis)]!;
    const at = tensor(
      "int64",
      shape,
      Array.from({ length: size(shape) }, () => (stream.next().value % (2 * d)) - d),
    );
    return { op: "Gather", inputs: [x, at], attributes: { axis } };
  }),
  expand: fc
    .tuple(dtypes, pairs)
    .chain(([dtype, [a, b]]) => filled(dtype, b).map((x) => ({ op: "Expand", inputs: [x, ints(...a)] }))),
  tile: withAxis.map(([x]) => ({ op: "Tile", inputs: [x, ints(...x.shape.map((_, i) => i + 1))] })),
  range: fc.tuple(bound, bound, fc.constantFrom(-3, -1, 1, 2)).map((all) => ({
    op: "Range",
    inputs: all.map((v) => tensor("int64", [], [v])),
  })),
  filled: fc.tuple(shapes, numeric, bound).map(([shape, dtype, v]) => ({
    op: "ConstantOfShape",
    inputs: [ints(...shape)],
    attributes: { value: tensor(dtype, [1], [v]) },
  })),
  reduction: fc
    .tuple(
      fc.constantFrom("ReduceProd", "ReduceSum", "ReduceMin", "ReduceMax"),
      shapes.filter((s) => s.length > 0),
    )
    .chain(([op, shape]) =>
      fc
        .tuple(filled("int64", shape), fc.subarray([...shape.keys()]), fc.integer({ min: 0, max: 1 }))
        .map(([x, axes, keepdims]) => ({
          op,
          inputs: axes.length ? [x, ints(...axes)] : [x],
          attributes: { keepdims },
        })),
    ),
};

const elements = (t: Tensor) => Array.from(t.data as ArrayLike<number | bigint>);

test.each(Object.entries(samples))("folding %s gives what running gives", async (_, arbitrary) => {
  let folded = 0;
  await fc.assert(
    fc.asyncProperty(arbitrary, async ({ op, inputs, attributes = {}, outputs = 1 }) => {
      const g = graph();
      const values = inputs.map((t) => constant(g, t));
      const results = apply(g, op, values, attributes, outputs > 1 ? { outputs } : {}).map(constantTensor);
      if (results.some((t) => !t)) return;
      folded++;
      const names = Array.from({ length: outputs }, (_, i) => `y${i}`);
      const bytes = rawModel(21, {
        inputs: Object.fromEntries(inputs.map((t, i) => [`x${i}`, [t.dtype, t.shape]])),
        nodes: [{ op, inputs: inputs.map((_, i) => `x${i}`), outputs: names, attributes }],
        outputs: names,
      });
      const ran = await runModel(bytes, Object.fromEntries(inputs.map((t, i) => [`x${i}`, t])));
      names.forEach((name, i) => {
        const [expected, found] = [ran[name]!, results[i]!];
        expect([found.dtype, found.shape]).toEqual([expected.dtype, expected.shape]);
        expect(elements(found)).toEqual(elements(expected));
      });
    }),
    { numRuns: 40, seed: 8 },
  );
  // Control: a property that never folds would prove nothing.
  expect(folded).toBeGreaterThan(10);
});
