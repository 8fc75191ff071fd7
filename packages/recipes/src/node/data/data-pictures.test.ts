import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { image } from "@prosopon/media";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dataPictures } from "./data-pictures.ts";
import type { PreparedFolder } from "./open-data.ts";
import { putPicture } from "./sample-data.test.support.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "prosopon-data-pictures-"));
});
afterAll(() => rm(folder, { recursive: true }));

const grey = (value: number) => image(8, 8, 3, new Uint8Array(3 * 8 * 8).fill(value));
const shared = { key: "", emotion: 0, split: "train" } as const;
const prepared = (
  more: Partial<PreparedFolder["manifest"]>,
  items: readonly { readonly file: string; readonly frames?: number }[],
): PreparedFolder => ({
  folder,
  manifest: { kind: "pictures", size: 8, ...more } as PreparedFolder["manifest"],
  items: items.map((one) => ({ ...shared, ...one })),
});

/** The grey of every picture, from 0 to 255. */
async function greys(data: PreparedFolder, seed: number): Promise<number[]> {
  const pictures = dataPictures(data, seed);
  const planes = await pictures.planes(Array.from({ length: pictures.count }, (_, i) => i));
  expect(planes).toHaveLength(pictures.count * 3 * 8 * 8);
  return Array.from({ length: pictures.count }, (_, i) => Math.round((planes[i * 3 * 8 * 8]! + 1) * 127.5));
}

const ascending = (values: readonly number[]) => values.toSorted((a, b) => a - b);

test("every picture comes once, in an order that only the seed decides", async () => {
  const values = [10, 40, 70, 100, 130, 160, 190, 220];
  for (const value of values) await putPicture(join(folder, `${value}.png`), grey(value));
  const data = prepared(
    {},
    values.map((value) => ({ file: `${value}.png` })),
  );
  const once = await greys(data, 1);
  expect(ascending(once)).toEqual(values);
  expect(once).not.toEqual(values);
  expect(await greys(data, 1)).toEqual(once);
  expect(await greys(data, 2)).not.toEqual(once);
});

test("of clips five frames a second are taken, those of a slower one all", async () => {
  for (let frame = 0; frame < 14; frame++)
    await putPicture(join(folder, "clip", `${String(frame + 1).padStart(4, "0")}.jpg`), grey(frame * 15));
  const clip = [{ file: "clip", frames: 14 }];
  const clips = (framesPerSecond: number) => prepared({ kind: "clips", framesPerSecond }, clip);
  const near = (values: readonly number[]) => ascending(values).map((value) => Math.round(value / 15));
  expect(near(await greys(clips(30), 1))).toEqual([0, 6, 12]);
  expect(near(await greys(clips(5), 1))).toEqual(Array.from({ length: 14 }, (_, i) => i));
});
