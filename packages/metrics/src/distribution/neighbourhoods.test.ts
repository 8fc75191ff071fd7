import { gaussians } from "@prosopon/random";
import { expect, test } from "vitest";
import type { Features } from "./features.ts";
import { neighbourhoods } from "./neighbourhoods.ts";

const set = (count: number, size: number, name: string, shift = 0): Features => ({
  count,
  size,
  data: Float64Array.from(gaussians(7, name, 0, count * size), (v) => v + shift),
});

/** By the definitions, distance after distance. */
function plainly(real: Features, generated: Features, k: number) {
  const distance = (a: Features, i: number, b: Features, j: number) =>
    Math.sqrt(
      Array.from({ length: a.size }, (_, t) => (a.data[i * a.size + t]! - b.data[j * a.size + t]!) ** 2).reduce(
        (p, q) => p + q,
      ),
    );
  const list = (n: number) => Array.from({ length: n }, (_, i) => i);
  const radii = (s: Features) =>
    list(s.count).map(
      (i) =>
        list(s.count)
          .map((j) => distance(s, i, s, j))
          .toSorted((a, b) => a - b)[k]!,
    );
  const [r, g] = [radii(real), radii(generated)];
  const share = (flags: readonly boolean[]) => flags.filter(Boolean).length / flags.length;
  const d = list(real.count).map((i) => list(generated.count).map((j) => distance(real, i, generated, j)));
  return {
    precision: share(list(generated.count).map((j) => d.some((row, i) => row[j]! <= r[i]!))),
    recall: share(d.map((row) => row.some((value, j) => value <= g[j]!))),
    density: d.reduce((sum, row, i) => sum + row.filter((value) => value < r[i]!).length, 0) / (k * generated.count),
    coverage: share(d.map((row, i) => row.some((value) => value < r[i]!))),
  };
}

test("as the definitions say, whatever the tile", async () => {
  const [real, generated] = [set(37, 3, "real"), set(29, 3, "generated", 0.7)];
  for (const neighbours of [1, 3, 5]) {
    const expected = plainly(real, generated, neighbours);
    expect(expected.precision).toBeGreaterThan(0);
    expect(expected.recall).toBeLessThan(1);
    for (const tile of [4, 29, 1024])
      expect(await neighbourhoods(real, generated, { neighbours, tile })).toMatchObject({
        ...expected,
        density: expect.closeTo(expected.density, 12),
      });
  }
});

test("the same set, and sets far apart", async () => {
  const a = set(50, 4, "a");
  expect(await neighbourhoods(a, a)).toMatchObject({ precision: 1, recall: 1, coverage: 1 });
  expect(await neighbourhoods(a, set(50, 4, "b", 100))).toMatchObject({
    precision: 0,
    recall: 0,
    density: 0,
    coverage: 0,
  });
});

test("progress runs to its end; refused: more neighbours than images, cancelled", async () => {
  const a = set(30, 2, "a");
  const seen: number[] = [];
  await neighbourhoods(a, set(20, 2, "b"), { tile: 8, onProgress: (done, total) => void seen.push(done / total) });
  expect(seen.at(-1)).toBe(1);
  expect(seen).toEqual(seen.toSorted((p, q) => p - q));
  await expect(neighbourhoods(a, set(3, 2, "b"))).rejects.toThrow(/3 neighbours cannot be found among 3 images/);
  await expect(neighbourhoods(a, a, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
});
