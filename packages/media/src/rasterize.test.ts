import { expect, test } from "vitest";
import { rasterize } from "./rasterize.ts";

const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="5" height="10" fill="#ff0000"/></svg>`;

test("draws at the wanted size, on white or on nothing", async () => {
  const flat = await rasterize(svg, { width: 40, height: 20 });
  expect([flat.width, flat.height, flat.channels]).toEqual([40, 20, 3]);
  const at = (x: number, y: number) => Array.from(flat.data.subarray((y * 40 + x) * 3, (y * 40 + x) * 3 + 3));
  expect(at(5, 10)).toEqual([255, 0, 0]);
  expect(at(35, 10)).toEqual([255, 255, 255]);
  const clear = await rasterize(svg, { width: 40, height: 20, alpha: "keep" });
  expect(clear.channels).toBe(4);
  expect(clear.data[(10 * 40 + 35) * 4 + 3]).toBe(0);
  expect(clear.data[(10 * 40 + 5) * 4 + 3]).toBe(255);
});

test("an enlarged edge stays sharp, since it is drawn at that size", async () => {
  const large = await rasterize(svg, { width: 400, height: 400 });
  const row = Array.from({ length: 400 }, (_, x) => large.data[(200 * 400 + x) * 3 + 1]!);
  expect(row.filter((value) => value > 8 && value < 247).length).toBeLessThanOrEqual(2);
});

test("follows no outside reference", async () => {
  const link = `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><image href="file:///etc/hostname" width="8" height="8"/></svg>`;
  const drawn = await rasterize(link, { width: 8, height: 8 });
  expect(drawn.data.every((value) => value === 255)).toBe(true);
});

test("refuses what is no SVG, and impossible sizes", async () => {
  for (const text of ["", "hello", "<svg", "<svg xmlns='http://www.w3.org/2000/svg'><rect></svg>", "<html></html>"]) {
    await expect(rasterize(text, { width: 8, height: 8 })).rejects.toMatchObject({ code: "bad-input" });
  }
  await expect(rasterize(svg, { width: 0, height: 8 })).rejects.toThrow(/0 x 8/);
});
