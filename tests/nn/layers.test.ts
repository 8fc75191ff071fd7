import { constant, input, sizeOf, type Tensor, tensor } from "@prosopon/graph";
import {
  attention,
  batchNorm,
  conv1d,
  conv2d,
  conv3d,
  embedding,
  linear,
  multiHeadAttention,
  preluLayer,
} from "@prosopon/nn";
import { gaussians } from "@prosopon/random";
import { expect, test } from "vitest";
import { distance, evaluate } from "./evaluate.ts";

const noise = (name: string, ...shape: number[]): Tensor<"float32"> =>
  tensor("float32", shape, gaussians(1, name, 0, sizeOf(shape)));
const data = (one: Tensor | undefined): readonly number[] => Array.from(one!.data as Float32Array);

test("linear works on the last axis of any shape", async () => {
  const x = noise("x", 2, 3, 4);
  const { outputs, parameters } = await evaluate(
    (s) => ({ y: linear(s.at("l"), input(s.graph, "x", "float32", [2, 3, 4]), { outputs: 5 }) }),
    { x },
  );
  const [w, b, v] = [data(parameters.get("l.weight")), data(parameters.get("l.bias")), data(x)];
  const expected = Array.from({ length: 30 }, (_, i) => {
    const [row, o] = [Math.floor(i / 5), i % 5];
    return [0, 1, 2, 3].reduce((sum, k) => sum + v[row * 4 + k]! * w[o * 4 + k]!, b[o]!);
  });
  expect(distance(outputs["y"]!, expected)).toBeLessThan(1e-5);
});

test("a convolution over one axis is the same in one, two and three dimensions", async () => {
  const x = noise("x", 2, 4, 9);
  const { outputs, parameters } = await evaluate(
    (s) => {
      const value = constant(s.graph, x);
      const as = (...shape: number[]) => constant(s.graph, tensor("float32", shape, x.data));
      const more = { outputs: 6, stride: 2, groups: 2 };
      conv1d(s.at("c"), value, { ...more, kernel: 3, padding: [2, 1] });
      return {
        one: conv1d(s.at("c"), value, { ...more, kernel: 3, padding: [2, 1] }),
        two: conv2d(s.at("d"), as(2, 4, 1, 9), { ...more, kernel: [1, 3], padding: [0, 2, 0, 1] }),
        three: conv3d(s.at("e"), as(2, 4, 1, 1, 9), { ...more, kernel: [1, 1, 3], padding: [0, 0, 2, 0, 0, 1] }),
      };
    },
    {},
    new Map(
      ["c", "d", "e"].flatMap((name, i): (readonly [string, Tensor])[] => [
        [`${name}.weight`, noise("w", ...[6, 2, 1, 1, 3].toSpliced(2, 2 - i))],
        [`${name}.bias`, noise("b", 6)],
      ]),
    ),
  );
  const [w, b, v] = [data(parameters.get("c.weight")), data(parameters.get("c.bias")), data(x)];
  const expected: number[] = [];
  for (let n = 0; n < 2; n++)
    for (let o = 0; o < 6; o++)
      for (let at = 0; at < 5; at++) {
        let sum = b[o]!;
        for (let c = 0; c < 2; c++)
          for (let k = 0; k < 3; k++) {
            const place = at * 2 + k - 2;
            if (place >= 0 && place < 9) sum += w[(o * 2 + c) * 3 + k]! * v[(n * 4 + (o < 3 ? 0 : 2) + c) * 9 + place]!;
          }
        expected.push(sum);
      }
  expect(distance(outputs["one"]!, expected)).toBeLessThan(1e-5);
  expect(distance(outputs["two"]!, expected)).toBeLessThan(1e-5);
  expect(distance(outputs["three"]!, expected)).toBeLessThan(1e-5);
});

test("conv2d refuses groups that do not divide, and another rank", async () => {
  const build = (options: Parameters<typeof conv2d>[2], ...shape: number[]) =>
    evaluate((s) => ({ y: conv2d(s, input(s.graph, "x", "float32", shape), options) }));
  await expect(build({ outputs: 4, kernel: 3, groups: 3 }, 1, 4, 8, 8)).rejects.toThrow("3 groups");
  await expect(build({ outputs: 4, kernel: 3 }, 1, 4, 8)).rejects.toThrow("2 spatial axes");
  await expect(build({ outputs: 4, kernel: [3, 3, 3] }, 1, 4, 8, 8)).rejects.toThrow("kernel");
});

test("batch normalisation: batch statistics, running ones with the unbiased variance, a second call on top of the first", async () => {
  const [x, z] = [noise("x", 3, 2, 4), noise("z", 3, 2, 4)];
  const { outputs } = await evaluate((s) => {
    const updates = new Map();
    const y = batchNorm(s.at("n"), constant(s.graph, x), { updates });
    const mean1 = updates.get("n.running_mean");
    batchNorm(s.at("n"), constant(s.graph, z), { updates });
    return {
      y,
      mean1,
      mean2: updates.get("n.running_mean"),
      variance2: updates.get("n.running_var"),
      count: updates.get("n.num_batches_tracked"),
      still: batchNorm(s.at("n"), constant(s.graph, x)),
    };
  });
  const channel = (t: Tensor, c: number) => data(t).filter((_, i) => Math.floor(i / 4) % 2 === c);
  const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length;
  const spread = (list: readonly number[], less: number) =>
    list.reduce((sum, v) => sum + (v - mean(list)) ** 2, 0) / (list.length - less);
  const of = (f: (c: number) => number) => [0, 1].map(f);
  const expected = data(x).map((v, i) => {
    const list = channel(x, Math.floor(i / 4) % 2);
    return (v - mean(list)) / Math.sqrt(spread(list, 0) + 1e-5);
  });
  expect(distance(outputs["y"]!, expected)).toBeLessThan(1e-5);
  const mean1 = of((c) => 0.1 * mean(channel(x, c)));
  expect(distance(outputs["mean1"]!, mean1)).toBeLessThan(1e-6);
  expect(
    distance(
      outputs["mean2"]!,
      of((c) => 0.9 * mean1[c]! + 0.1 * mean(channel(z, c))),
    ),
  ).toBeLessThan(1e-6);
  const variance2 = of((c) => 0.81 + 0.09 * spread(channel(x, c), 1) + 0.1 * spread(channel(z, c), 1));
  expect(distance(outputs["variance2"]!, variance2)).toBeLessThan(1e-6);
  expect(outputs["count"]).toEqual([2]);
  expect(
    distance(
      outputs["still"]!,
      data(x).map((v) => v / Math.sqrt(1 + 1e-5)),
    ),
  ).toBeLessThan(1e-6);
});

test("embedding looks rows up, prelu has one slope for each channel", async () => {
  const slopes = new Map([["p.weight", tensor("float32", [2], [0.5, -1])]]);
  const { outputs, parameters } = await evaluate(
    (s) => ({
      rows: embedding(s.at("e"), constant(s.graph, tensor("int64", [2, 1], [2, 0])), { rows: 3, size: 2 }),
      p: preluLayer(s.at("p"), constant(s.graph, tensor("float32", [1, 2, 2], [-1, 2, -3, 4])), { perChannel: true }),
    }),
    {},
    slopes,
  );
  const table = data(parameters.get("e.weight"));
  expect(outputs["rows"]).toEqual([table[4], table[5], table[0], table[1]]);
  expect(outputs["p"]).toEqual([-0.5, 2, 3, 4]);
});

/** Attention of one head in float64: rows of q, k, v are slices of length d at `offset`. */
function attend(
  q: readonly number[],
  k: readonly number[],
  v: readonly number[],
  length: number,
  keys: number,
): number[] {
  const d = q.length / length;
  const e = v.length / keys;
  return Array.from({ length: length * e }, (_, i) => {
    const [row, column] = [Math.floor(i / e), i % e];
    const weights = Array.from({ length: keys }, (_, s) =>
      Math.exp(
        Array.from({ length: d }, (_, j) => q[row * d + j]! * k[s * d + j]!).reduce((a, b) => a + b) / Math.sqrt(d),
      ),
    );
    const total = weights.reduce((a, b) => a + b);
    return weights.reduce((sum, weight, s) => sum + (weight / total) * v[s * e + column]!, 0);
  });
}

test("attention with heads equals heads apart; a mask hides keys", async () => {
  const [q, k, v] = [noise("q", 2, 3, 4), noise("k", 2, 5, 4), noise("v", 2, 5, 6)];
  const hide = tensor("float32", [1, 1, 5], [0, 0, -1e9, 0, -1e9]);
  const { outputs } = await evaluate((s) => {
    const [a, b, c] = [q, k, v].map((one) => constant(s.graph, one)) as [never, never, never];
    return {
      plain: attention(a, b, c, { heads: 2 }),
      masked: attention(a, b, c, { heads: 2, mask: constant(s.graph, hide) }),
    };
  });
  const head = (t: Tensor, n: number, h: number, keep: readonly number[]) => {
    const [, length, width] = t.shape as [number, number, number];
    return keep.flatMap((row) =>
      data(t).slice((n * length + row) * width + (h * width) / 2, (n * length + row) * width + ((h + 1) * width) / 2),
    );
  };
  const expected = (keys: readonly number[]) =>
    [0, 1].flatMap((n) => {
      const heads = [0, 1].map((h) =>
        attend(head(q, n, h, [0, 1, 2]), head(k, n, h, keys), head(v, n, h, keys), 3, keys.length),
      );
      return [0, 1, 2].flatMap((row) => heads.flatMap((one) => one.slice(row * 3, row * 3 + 3)));
    });
  expect(distance(outputs["plain"]!, expected([0, 1, 2, 3, 4]))).toBeLessThan(1e-5);
  expect(distance(outputs["masked"]!, expected([0, 1, 3]))).toBeLessThan(1e-5);
});

test("multi-head attention has PyTorch's parameters and gives what its parts give", async () => {
  const x = noise("x", 2, 3, 4);
  const { outputs, parameters } = await evaluate(
    (s) => {
      const value = constant(s.graph, x);
      const whole = multiHeadAttention(s.at("a"), value, { heads: 2 });
      const part = (name: string) => linear(s.at(name), value, { outputs: 4 });
      return {
        whole,
        parts: linear(s.at("o"), attention(part("q"), part("k"), part("v"), { heads: 2 }), { outputs: 4 }),
      };
    },
    {},
    new Map([
      ["a.in_proj_weight", noise("w", 12, 4)],
      ["a.in_proj_bias", noise("b", 12)],
      ["a.out_proj.weight", noise("ow", 4, 4)],
      ["a.out_proj.bias", noise("ob", 4)],
      ["o.weight", noise("ow", 4, 4)],
      ["o.bias", noise("ob", 4)],
      ...["q", "k", "v"].flatMap((name, i): (readonly [string, Tensor])[] => [
        [`${name}.weight`, tensor("float32", [4, 4], noise("w", 12, 4).data.slice(16 * i, 16 * i + 16))],
        [`${name}.bias`, tensor("float32", [4], noise("b", 12).data.slice(4 * i, 4 * i + 4))],
      ]),
    ]),
  );
  expect([...parameters.keys()].filter((name) => name.startsWith("a."))).toEqual([
    "a.in_proj_weight",
    "a.in_proj_bias",
    "a.out_proj.weight",
    "a.out_proj.bias",
  ]);
  expect(distance(outputs["whole"]!, outputs["parts"]!)).toBeLessThan(1e-5);
});
