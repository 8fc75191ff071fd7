import { portrait, sample, scene } from "@prosopon/corpus";
import { applyTransform, type Image, image, type Point, referenceFace } from "@prosopon/media";
import type { Face } from "@prosopon/perception";
import { expect, test } from "vitest";
import { type FrameFaceOptions, frameFace } from "./frame-face.ts";

const grey = (width: number, height: number): Image => {
  const one = image(width, height, 3);
  one.data.fill(128);
  return one;
};
const faceAt = (left: number, top: number, size: number, index = 0): Face => ({
  box: { x: left + 0.2 * size, y: top + 0.2 * size, width: 0.6 * size, height: 0.6 * size, score: 0.9 },
  landmarks: portrait(index ? sample({ seed: 1, index }) : scene({ identity: 0 })).landmarks.map(
    ([x, y]): Point => [left + x * size, top + y * size],
  ),
});
const frame = (picture: Image, faces: readonly Face[] | undefined, options: Partial<FrameFaceOptions> = {}) => {
  const warnings: string[] = [];
  const framed = frameFace(picture, {
    side: 128,
    domain: "rendered portraits",
    alignment: options.domain === "photographs" ? "canonical" : "corpus",
    aligned: false,
    markedAligned: false,
    wanted: undefined,
    find: async () => faces,
    warn: (text) => warnings.push(text),
    ...options,
  });
  return { framed, warnings };
};

test("a corpus portrait is found to be in place, whatever its pose; a face elsewhere is not", async () => {
  for (let index = 0; index < 30; index++) {
    const { aligned } = await frame(grey(512, 512), [faceAt(0, 0, 512, index)]).framed;
    expect(aligned, `sample ${index}`).toBe(true);
  }
  expect((await frame(grey(512, 512), [faceAt(100, 60, 300)]).framed).aligned).toBe(false);
  const photograph = await frame(grey(512, 512), [faceAt(0, 0, 512)], { domain: "photographs" }).framed;
  expect(photograph.aligned).toBe(false);
});

test("aligned pictures are not searched, and come back in their own size", async () => {
  const never = async () => {
    throw new Error("searched");
  };
  for (const given of [{ aligned: true }, { markedAligned: true }]) {
    const { crop, aligned, restore } = await frame(grey(300, 300), [], { ...given, find: never }).framed;
    expect([crop.width, crop.height, aligned]).toEqual([128, 128, true]);
    expect(restore(grey(128, 128))).toEqual(grey(300, 300));
  }
  await expect(frame(grey(300, 200), [], { aligned: true }).framed).rejects.toThrow("300 x 200");
});

test("without a face: a small square is a crop, with a warning; all else is refused", async () => {
  const { framed, warnings } = frame(grey(256, 256), []);
  expect((await framed).aligned).toBe(true);
  expect(warnings).toEqual([expect.stringContaining("No face was found")]);
  expect((await frame(grey(256, 256), undefined).framed).aligned).toBe(true);
  await expect(frame(grey(257, 257), []).framed).rejects.toThrow("No face was found");
  await expect(frame(grey(200, 128), []).framed).rejects.toThrow("No face was found");
  await expect(frame(grey(200, 128), undefined).framed).rejects.toThrow("no face finder is installed");
  await expect(frame(grey(128, 128), [], { domain: "photographs" }).framed).rejects.toThrow("No face was found");
  await expect(frame(grey(1, 1), []).framed).rejects.toThrow("only 1 x 1 pixels");
});

test("a photograph: the face is brought to the corpus' place and pasted back there alone", async () => {
  const face = faceAt(140, 60, 200);
  const picture = grey(480, 320);
  const { crop, aligned, restore } = await frame(picture, [face]).framed;
  expect([crop.width, crop.height, aligned]).toEqual([128, 128, false]);
  const white = image(128, 128, 3);
  white.data.fill(255);
  const result = restore(white);
  const at = (x: number, y: number) => result.data[(y * 480 + x) * 3];
  expect([result.width, result.height]).toEqual([480, 320]);
  // The crop's middle is the middle of where the face was put.
  const [x, y] = applyTransform({ a: 200 / 128, b: 0, c: 140, d: 0, e: 200 / 128, f: 60 }, [64, 64]);
  expect(at(Math.round(x), Math.round(y))).toBe(255);
  expect(at(120, 40)).toBe(128);
  expect(at(360, 280)).toBe(128);
});

test("several faces: the largest with a warning, or the one that is asked for", async () => {
  const [large, small] = [faceAt(10, 10, 200), faceAt(250, 40, 120)];
  const first = frame(grey(400, 300), [large, small]);
  expect((await first.framed).face).toBe(large);
  expect(first.warnings.join()).toContain("2 faces were found; the largest");
  const second = frame(grey(400, 300), [large, small], { wanted: 2 });
  expect((await second.framed).face).toBe(small);
  expect(second.warnings).toEqual([]);
  await expect(frame(grey(400, 300), [large, small], { wanted: 3 }).framed).rejects.toThrow("no face 3: 2 were found");
});

test("a face that the picture cuts off is edited with a warning", async () => {
  const { framed, warnings } = frame(grey(400, 300), [faceAt(-100, 20, 240)]);
  await framed;
  expect(warnings.join()).toContain("cut off");
});

const largest = (a: Image, b: Image): number =>
  a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0);

test("a model that learned from the thesis' crops gets such crops, and each goes back to its place", async () => {
  const picture = image(320, 240, 3);
  for (let i = 0; i < picture.data.length; i++) picture.data[i] = 40 + ((i / 3) % 320) / 2 + Math.floor(i / 960) / 4;
  const face = faceAt(100, 60, 120);
  const options = { domain: "photographs" } as const;
  const crops: Uint8Array[] = [];
  for (const alignment of ["canonical", "reference", "reference-clip"] as const) {
    const { crop, aligned, restore } = await frame(picture, [face], { ...options, alignment }).framed;
    expect([aligned, crop.width, crop.height]).toEqual([false, 128, 128]);
    crops.push(crop.data);
    const back = restore(crop);
    // A smooth picture that is cut out and pasted back where it was stays the same.
    expect(largest(picture, back), alignment).toBeLessThan(alignment === "reference" ? 8 : 5);
    // Control: something else does not stay unseen.
    expect(largest(picture, restore(grey(128, 128))), alignment).toBeGreaterThan(8);
  }
  expect(Buffer.compare(crops[0]!, crops[1]!)).not.toBe(0);
  expect(Buffer.compare(crops[0]!, crops[2]!)).not.toBe(0);
  // The reference's crop is that of its own code, with the second look at the crop.
  const expected = await referenceFace(picture, {
    size: 128,
    find: async ({ width, height }) =>
      face.landmarks.map(([x, y]): Point => (width === 256 ? [(x * width) / 320, (y * height) / 240] : [x, y])),
  });
  expect(Buffer.compare(crops[1]!, expected!.crop.data)).toBe(0);
  const none = await frame(picture, [face], { ...options, alignment: "none" }).framed;
  expect(none).toMatchObject({ aligned: false, face: undefined });
  // Its left edge is the 40th column of 320: the middle 240 remain.
  expect(Math.abs(none.crop.data[0]! - picture.data[3 * 41]!)).toBeLessThan(3);
});
