import { expect, test } from "vitest";
import { image } from "./image.ts";
import { labelledSheet } from "./labelled-sheet.ts";
import { sheet, sheetLabels } from "./sheet.ts";

const grey = (level: number, width = 10, height = 8) =>
  image(width, height, 1, new Uint8Array(width * height).fill(level));
const at = (picture: { width: number; data: Uint8Array }, x: number, y: number) =>
  Array.from(picture.data.subarray((y * picture.width + x) * 3, (y * picture.width + x) * 3 + 3));

test("places images row by row with gaps, smaller ones in the middle", () => {
  const result = sheet([grey(10), grey(20), grey(30, 4, 4)], { columns: 2, gap: 2, background: [1, 2, 3] });
  expect([result.width, result.height]).toEqual([2 + 2 * 12, 2 + 2 * 10]);
  expect(at(result, 0, 0)).toEqual([1, 2, 3]);
  expect(at(result, 2, 2)).toEqual([10, 10, 10]);
  expect(at(result, 14, 2)).toEqual([20, 20, 20]);
  expect(at(result, 2, 12)).toEqual([1, 2, 3]);
  expect(at(result, 5, 14)).toEqual([30, 30, 30]);
});

test("labels become text below their image, whatever characters they hold", async () => {
  const images = [grey(200, 64, 40), grey(220, 64, 40)];
  const options = { columns: 2, labels: ['a <b> & "c"', "Φάσμα\u0000\ud800"], gap: 4, labelHeight: 20 };
  expect(sheetLabels(images, options)).toContain("&#60;b&#62; &#38;");
  const plain = sheet(images, options);
  const labelled = await labelledSheet(images, options);
  expect([labelled.width, labelled.height]).toEqual([plain.width, plain.height]);
  let changed = 0;
  for (let y = 0; y < plain.height; y += 1) {
    for (let x = 0; x < plain.width; x += 1) {
      const same = at(labelled, x, y).join() === at(plain, x, y).join();
      if (y < 44) expect(same).toBe(true);
      else if (!same) changed += 1;
    }
  }
  expect(changed).toBeGreaterThan(20);
});

test("refuses no images, a wrong number of labels and impossible columns", () => {
  expect(() => sheet([], { columns: 1 })).toThrow(/0 images/);
  expect(() => sheet([grey(1)], { columns: 1, labels: [] })).toThrow(/cannot have 0 labels/);
  expect(() => sheet([grey(1)], { columns: 0 })).toThrow(/columns at least 1/);
});
