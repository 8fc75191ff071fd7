import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { alignFace } from "./align-face.ts";
import { readImage } from "./read-image.ts";
import type { Point } from "./transform.ts";

const data = join(process.env["PROSOPON_DATA"] ?? "../shared/data");
const index = join(data, "faces", "faces.json");
interface Faces {
  readonly faces: readonly { file: string; crop: string; yunet: readonly { kp5: readonly Point[] }[] }[];
}

// The crops beside the photographs were made by other code (OpenCV) from the same five points and the same template.
test.skipIf(!existsSync(index))("aligns the photographs of the test data as their recorded crops", async () => {
  const { faces } = JSON.parse(readFileSync(index, "utf8")) as Faces;
  const means: number[] = [];
  const shifted: number[] = [];
  for (const { file, crop, yunet } of faces) {
    const photograph = await readImage(join(data, file));
    const expected = await readImage(join(data, crop));
    // They count from the centre of the first pixel.
    const points = yunet[0]!.kp5.map(([x, y]): Point => [x + 0.5, y + 0.5]);
    const difference = (list: readonly Point[]) => {
      const ours = alignFace(photograph, list, { size: 128 }).crop;
      return ours.data.reduce((sum, value, at) => sum + Math.abs(value - expected.data[at]!), 0) / ours.data.length;
    };
    means.push(difference(points));
    shifted.push(difference(points.map(([x, y]): Point => [x + 0.05 * Math.abs(points[1]![0] - points[0]![0]), y])));
  }
  const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!;
  expect(means.length).toBeGreaterThan(40);
  // Levels of 256. Their shrinking filter and rounded points differ from ours, and some sources are JPEG.
  expect(median(means)).toBeLessThan(2);
  expect(median(shifted)).toBeGreaterThan(2 * median(means));
});
