import {
  add,
  floor,
  gradients,
  graph,
  input,
  mul,
  neg,
  output,
  reduceSum,
  rules,
  stopGradient,
  sub,
  type Value,
} from "@prosopon/graph";
import { describe, expect, test } from "vitest";
import { gradientCases } from "../../packages/graph/src/gradient/cases.ts";
import type { GradientCase } from "../../packages/graph/src/gradient/gradient-case.ts";
import { filledSample } from "./filled-sample.ts";
import { openGraph } from "./open-graph.ts";

interface Verdict {
  /** Largest difference to central differences, relative to the largest gradient. */
  readonly error: number;
  /** The same between gradients taken together and one at a time. */
  readonly alone: number;
}

/** Holds the gradients of Σ weight·output against five-point central differences in every element of every input. */
async function verdict(sample: GradientCase, bend: (g: Value) => Value = (g) => g): Promise<Verdict> {
  const g = graph();
  const xs = sample.inputs.map(({ shape }, i) => input(g, `x${i}`, "float32", shape));
  const built = sample.build(...xs);
  const ys = "graph" in built ? [built] : built;
  const values = sample.inputs.map((x, i) => filledSample(x.shape, x.range, i + 1));
  const weights = ys.map((y, i) => filledSample(y.shape, [0.5, 1.5], 100 + i));
  const terms = ys.map((y, i) => reduceSum(mul(y, input(g, `w${i}`, "float32", y.shape))));
  const loss = terms.slice(1).reduce(add, terms[0]!);
  gradients(loss, xs).forEach((d, i) => {
    output(g, `d${i}`, bend(d));
  });
  xs.forEach((x, i) => {
    output(g, `alone${i}`, gradients(loss, [x])[0]!);
  });
  const run = await openGraph(g);

  const forward = graph();
  const inputs = sample.inputs.map(({ shape }, i) => input(forward, `x${i}`, "float32", shape));
  const result = sample.build(...inputs);
  ("graph" in result ? [result] : result).forEach((y, i) => {
    output(forward, `y${i}`, y);
  });
  const runForward = await openGraph(forward);
  const feeds = Object.fromEntries(values.map((v, i) => [`x${i}`, v]));
  const objective = async (): Promise<number> => {
    const found = await runForward(feeds);
    let sum = 0;
    weights.forEach((w, i) => {
      const y = found[`y${i}`]!.data as Float32Array;
      for (let k = 0; k < y.length; k++) sum += y[k]! * w.data[k]!;
    });
    return sum;
  };

  const found = await run({ ...feeds, ...Object.fromEntries(weights.map((w, i) => [`w${i}`, w])) });
  const step = sample.step ?? 0.004;
  let worst = 0;
  let alone = 0;
  let largest = 0;
  for (const [i, { data }] of values.entries()) {
    const analytic = found[`d${i}`]!.data as Float32Array;
    const single = found[`alone${i}`]!.data as Float32Array;
    // Large inputs: a fixed choice of elements.
    const stride = Math.max(1, Math.floor(data.length / 120));
    for (let k = 0; k < data.length; k += stride) {
      const x = data[k]!;
      const at = async (h: number): Promise<readonly [number, number]> => {
        data[k] = x + h;
        const place = data[k]!;
        const y = await objective();
        data[k] = x;
        return [place, y];
      };
      const [[b, fb], [a, fa], [c, fc], [d, fd]] = [
        await at(-step),
        await at(-2 * step),
        await at(step),
        await at(2 * step),
      ];
      const numeric = (4 * ((fc - fb) / (c - b)) - (fd - fa) / (d - a)) / 3;
      worst = Math.max(worst, Math.abs(numeric - analytic[k]!));
      alone = Math.max(alone, Math.abs(single[k]! - analytic[k]!));
      largest = Math.max(largest, Math.abs(numeric));
      if (Number.isNaN(analytic[k])) worst = Number.POSITIVE_INFINITY;
    }
  }
  return { error: worst / Math.max(largest, 1e-3), alone: alone / Math.max(largest, 1e-3) };
}

const differentiable = [...rules].filter(([, rule]) => rule !== "none").map(([name]) => name);

describe("every row of the table of gradient rules agrees with central differences", () => {
  for (const name of differentiable)
    test(name, async () => {
      const samples = gradientCases[name] ?? [];
      expect(samples.length, `${name} has no sample beside its rule`).toBeGreaterThan(0);
      for (const [i, sample] of samples.entries()) {
        const label = `${name}, sample ${i}${sample.note ? `: ${sample.note}` : ""}`;
        const { error, alone } = await verdict(sample).catch((cause: unknown) => {
          throw new Error(`${label}: ${cause instanceof Error ? cause.message : cause}`, { cause });
        });
        expect(error, label).toBeLessThanOrEqual(2e-3);
        expect(alone, `${label}: one input alone`).toBeLessThanOrEqual(1e-5);
      }
    });
});

test("no sample stands beside a row that does not exist", () => {
  expect(Object.keys(gradientCases).filter((name) => !differentiable.includes(name))).toEqual([]);
});

test("a broken rule is caught", async () => {
  const sample = gradientCases["Mul"]![0]!;
  expect((await verdict(sample, (g) => mul(g, 1.01))).error).toBeGreaterThan(5e-3);
  expect((await verdict(sample, neg)).error).toBeGreaterThan(1);
});

test("a gradient is a graph that can be differentiated again", async () => {
  const g = graph();
  const x = input(g, "x", "float32", [5]);
  const first = gradients(reduceSum(mul(x, mul(x, x))), [x])[0]!;
  output(g, "second", gradients(reduceSum(first), [x])[0]!);
  const sample = filledSample([5]);
  const { second } = await (await openGraph(g))({ x: sample });
  (second!.data as Float32Array).forEach((value, i) => {
    expect(value).toBeCloseTo(6 * sample.data[i]!, 5);
  });
});

test("a straight-through estimate takes the value of one thing and the gradient of another", async () => {
  const g = graph();
  const x = input(g, "x", "float32", [4]);
  const rounded = add(x, stopGradient(sub(floor(x), x)));
  output(g, "value", rounded);
  output(g, "slope", gradients(reduceSum(mul(rounded, rounded)), [x])[0]!);
  const sample = filledSample([4], [-3, 3]);
  const { value, slope } = await (await openGraph(g))({ x: sample });
  sample.data.forEach((number, i) => {
    expect(Number(value!.data[i])).toBeCloseTo(Math.floor(number), 5);
    expect(Number(slope!.data[i])).toBeCloseTo(2 * Math.floor(number), 5);
  });
});
