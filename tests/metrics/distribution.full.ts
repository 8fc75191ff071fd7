import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Features,
  featureStatistics,
  frechetDistance,
  kernelDistance,
  neighbourhoods,
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
    const { precision, recall } = await neighbourhoods(r, g);
    expect([precision, recall]).toEqual([expect.closeTo(expected.precision, 12), expect.closeTo(expected.recall, 12)]);
    // Small tiles and a product of the runtime change nothing.
    await using host = await createHost({ kind: "in-process", threads: 1 });
    await using fast = runtimeProduct(host);
    const tiled = await neighbourhoods(r, g, { tile: 64, product: fast.product });
    expect([tiled.precision, tiled.recall]).toEqual([precision, recall]);
    expect(await squaredDiscrepancy(r, g, { product: fast.product })).toBeCloseTo(expected.kid_full, 9);
    const options = { protocol: "a test", product: fast.product };
    const whole = await frechetDistance(await setStatistics(r, options), await setStatistics(g, options), options);
    expect(whole.distance).toBeCloseTo(expected.fid, 8);
  });
});
