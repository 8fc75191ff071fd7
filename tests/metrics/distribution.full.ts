import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Features,
  featureStatistics,
  frechetDistance,
  kernelDistance,
  neighbourhoods,
  type PickSubset,
  runtimeProduct,
  setStatistics,
  squaredDiscrepancy,
} from "@prosopon/metrics";
import { createHost } from "@prosopon/runtime/node";
import { describe, expect, test } from "vitest";

const folder = join(process.env["PROSOPON_DATA"] ?? "../shared/data", "reference");
const present = existsSync(join(folder, "fid_kid_prc.json"));

interface Case {
  readonly generated: string;
  readonly real: string;
  readonly fid: number;
  readonly kid_full: number;
  readonly kid_subsets: { readonly n: number; readonly size: number; readonly mean: number; readonly std: number };
  readonly precision: number;
  readonly recall: number;
}
const known: { files: Record<string, string>; shapes: Record<string, [number, number]>; cases: readonly Case[] } =
  present ? JSON.parse(readFileSync(join(folder, "fid_kid_prc.json"), "utf8")) : { files: {}, shapes: {}, cases: [] };

function read(name: string): Features {
  const [count, size] = known.shapes[name]!;
  const bytes = readFileSync(join(folder, known.files[name]!));
  return { count, size, data: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)) };
}

function statistics({ count, size, data }: Features) {
  const judgement = featureStatistics({ protocol: "a test" }).start();
  for (let i = 0; i < count; i++) judgement.add(data.subarray(i * size, (i + 1) * size));
  return judgement.result();
}

/** numpy's RandomState(seed): the Mersenne Twister (Matsumoto and Nishimura 1998), 32 bits at a time. */
function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(624);
  state[0] = seed;
  for (let i = 1; i < 624; i++) {
    const before = state[i - 1]! ^ (state[i - 1]! >>> 30);
    state[i] = Math.imul(1812433253, before) + i;
  }
  let at = 624;
  return () => {
    if (at === 624) {
      for (let i = 0; i < 624; i++) {
        const joined = (state[i]! & 0x80000000) | (state[(i + 1) % 624]! & 0x7fffffff);
        state[i] = state[(i + 397) % 624]! ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
      }
      at = 0;
    }
    let y = state[at++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}

/** numpy's `choice(count, size, replace=False)`, call after call from one generator. */
function numpyChoice(seed: number): PickSubset {
  const next = mersenneTwister(seed);
  const below = (most: number) => {
    const mask = 2 ** (32 - Math.clz32(most)) - 1;
    let value = next() & mask;
    while (value > most) value = next() & mask;
    return value;
  };
  return (count, size) => {
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = below(i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order.subarray(0, size);
  };
}

describe.skipIf(!present)(`torch-fidelity's values in ${folder} (skipped where the data are absent)`, () => {
  test.each(known.cases)("$generated against $real", async ({ generated, real, ...expected }) => {
    const [g, r] = [read(generated), read(real)];
    const { distance } = await frechetDistance(statistics(r), statistics(g));
    expect(Math.abs(distance - expected.fid)).toBeLessThan(1e-6 + 1e-3 * Math.abs(expected.fid));
    // In fact much nearer.
    expect(Math.abs(distance - expected.fid)).toBeLessThan(1e-8);
    expect(Math.abs((await squaredDiscrepancy(r, g)) - expected.kid_full)).toBeLessThan(1e-9);
    const { n, size, mean, std } = expected.kid_subsets;
    const kid = await kernelDistance(r, g, { subsets: n, subsetSize: size });
    const error = Math.sqrt((std ** 2 + kid.standardDeviation ** 2) / n);
    expect(Math.abs(kid.mean - mean)).toBeLessThan(2 * error + 1e-12);
    // The same generator draws the same subsets: the same numbers.
    const same = await kernelDistance(r, g, { subsets: n, subsetSize: size, pick: numpyChoice(2020) });
    expect([same.mean, same.standardDeviation]).toEqual([expect.closeTo(mean, 9), expect.closeTo(std, 9)]);
    const { precision, recall } = await neighbourhoods(r, g);
    expect([precision, recall]).toEqual([expect.closeTo(expected.precision, 12), expect.closeTo(expected.recall, 12)]);
    // Small tiles and a product of the runtime change nothing.
    await using host = await createHost({ kind: "in-process", threads: 1 });
    await using fast = runtimeProduct(host);
    const tiled = await neighbourhoods(r, g, { tile: 64, product: fast.product });
    expect([tiled.precision, tiled.recall]).toEqual([precision, recall]);
    // In float32 an image on the surface of a ball may fall to the other side.
    await using single = runtimeProduct(host, { precision: "float32" });
    const rough = await neighbourhoods(r, g, { product: single.product });
    expect(Math.abs(rough.precision - precision)).toBeLessThan(0.01);
    expect(Math.abs(rough.recall - recall)).toBeLessThan(0.01);
    expect(await squaredDiscrepancy(r, g, { product: fast.product })).toBeCloseTo(expected.kid_full, 9);
    const options = { protocol: "a test", product: fast.product };
    const whole = await frechetDistance(await setStatistics(r, options), await setStatistics(g, options), options);
    expect(whole.distance).toBeCloseTo(expected.fid, 8);
  });

  test("the features of faces and other pictures are block means of lfw_subset.npy", () => {
    const bytes = readFileSync(join(folder, "lfw_subset.npy"));
    const header = bytes.subarray(10, 10 + bytes.readUInt16LE(8)).toString();
    expect(header).toMatch(/'descr': '<f8'.*'shape': \(200, 25, 25\)/);
    const start = bytes.length - 8 * 200 * 625;
    const pixel = (n: number, y: number, x: number) => bytes.readDoubleLE(start + 8 * ((n * 25 + y) * 25 + x));
    for (const [name, from] of [
      ["lfw25_faces", 0],
      ["lfw25_nonfaces", 100],
    ] as const) {
      const { data } = read(name);
      let worst = 0;
      for (let n = 0; n < 100; n++)
        for (let block = 0; block < 25; block++) {
          let sum = 0;
          for (let k = 0; k < 25; k++)
            sum += pixel(from + n, 5 * Math.floor(block / 5) + Math.floor(k / 5), 5 * (block % 5) + (k % 5));
          worst = Math.max(worst, Math.abs(data[n * 25 + block]! - sum / 25));
        }
      expect(worst).toBeLessThan(1e-6);
    }
  });
});
