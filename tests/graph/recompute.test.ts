import {
  add,
  conv,
  type Graph,
  gradients,
  graph,
  groupNormalization,
  input,
  lower,
  output,
  parameter,
  reduceMean,
  silu,
  square,
  type Value,
  within,
} from "@prosopon/graph";
import { expect, test } from "vitest";
import { filledSample } from "./filled-sample.ts";
import { openGraph } from "./open-graph.ts";
import { executionOrder, peakBytes } from "./peak-bytes.ts";

const blocks = 8;

/** The gradients of a stack of residual blocks with skips from the first half to the second. */
function stack(recompute?: (path: string) => string | undefined): Graph {
  const g = graph();
  const shape = [2, 8, 16, 16];
  const parameters: Value[] = [];
  const trained = (name: string, of: readonly number[]): Value => {
    const made = parameter(g, name, of);
    parameters.push(made);
    return made;
  };
  let y = input(g, "x", "float32", shape);
  const skips: Value[] = [];
  for (let i = 0; i < blocks; i++)
    y = within(g, `net/block.${i}`, () => {
      let t = i < blocks / 2 ? y : add(y, skips[blocks - 1 - i]!);
      for (const part of ["a", "b"]) {
        const scale = trained(`${i}.${part}.scale`, [8]);
        const bias = trained(`${i}.${part}.bias`, [8]);
        t = silu(groupNormalization(t, scale, bias, { groups: 4 }));
        t = conv(t, trained(`${i}.${part}.w`, [8, 8, 3, 3]), undefined, { pads: [1, 1, 1, 1] });
      }
      skips.push(t);
      return add(t, y);
    });
  const loss = reduceMean(square(y));
  gradients(loss, parameters, recompute ? { recompute } : {}).forEach((d, i) => {
    output(g, `d.${parameters[i]!.name}`, d);
  });
  return g;
}

const byBlock = (path: string): string | undefined => /^net\/block\.\d+/.exec(path)?.[0];

test("recomputed regions give the same gradients in less than half of the memory", async () => {
  const [plain, saving] = [stack(), stack(byBlock)];
  expect(peakBytes(lower(saving))).toBeLessThan(0.5 * peakBytes(lower(plain)));
  const feeds = Object.fromEntries(
    [...plain.inputs, ...plain.parameters].map((v, i) => [v.name, filledSample(v.shape, [-0.5, 0.6], i)]),
  );
  const [expected, found] = [await (await openGraph(plain))(feeds), await (await openGraph(saving))(feeds)];
  let [largest, worst] = [0, 0];
  for (const [name, { data }] of Object.entries(expected)) {
    const other = found[name]!.data as Float32Array;
    (data as Float32Array).forEach((value, i) => {
      largest = Math.max(largest, Math.abs(value));
      worst = Math.max(worst, Math.abs(other[i]! - value));
    });
  }
  expect(largest).toBeGreaterThan(1e-3);
  expect(worst).toBeLessThanOrEqual(1e-6 * largest);
});

test("a copy runs only after the gradient that it waits for", () => {
  const order = executionOrder(lower(stack(byBlock)));
  const first = (start: string) => order.findIndex((node) => node.path.startsWith(start));
  for (let i = 0; i + 1 < blocks; i++)
    expect(first(`recompute/net/block.${i}/`.slice(0, -1))).toBeGreaterThan(first(`gradient/net/block.${i + 1}`));
});

test("the order of the leaves keeps the copies from running first", () => {
  const turned = lower(stack(byBlock));
  const consumed = new Set(turned.nodes.flatMap((node) => node.inputs));
  const leaves = turned.nodes.filter((node) => !node.outputs.some((y) => consumed.has(y)));
  const good = peakBytes(turned);
  turned.nodes.splice(turned.nodes.length - leaves.length, leaves.length, ...leaves.reverse());
  expect(peakBytes(turned)).toBeGreaterThan(1.2 * good);
});
