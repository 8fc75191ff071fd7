import { image, type Point } from "@prosopon/media";
import { expect, test } from "vitest";
import { atRate, lipPicture } from "./lip-clip.ts";

// A face of 160 x 160 around (200, 200), so 224 with its margin; the mouth's middle at (200, 250).
const landmarks = Array.from({ length: 68 }, (_, i): Point => {
  if (i >= 48) return [200 + (i % 2 ? 10 : -10), 250 + (i % 4 < 2 ? 5 : -5)];
  return [i % 2 ? 120 : 280, i % 4 < 2 ? 120 : 280];
});
const picture = image(400, 400, 3);
for (let y = 0; y < 400; y++)
  for (let x = 0; x < 400; x++) picture.data.set([Math.floor(x / 2), Math.floor(y / 2), 0], 3 * (y * 400 + x));

test("the mouth: 72/128 of the face around the mean of its points", () => {
  const side = (1.4 * 160 * 72) / 128;
  const input = { width: side, height: side, framesPerSecond: 25, region: "mouth" } as const;
  const mouth = lipPicture({ picture, landmarks }, input);
  expect([mouth.width, mouth.height]).toEqual([126, 126]);
  // The crop begins at 200 - 63, 250 - 63.
  expect(Array.from(mouth.data.subarray(0, 3))).toEqual([68, 93, 0]);
  const face = lipPicture({ picture, landmarks }, { ...input, width: 224, height: 224, region: "face" });
  expect(Array.from(face.data.subarray(0, 3))).toEqual([44, 44, 0]);
  const small = lipPicture({ picture, landmarks }, { ...input, width: 88, height: 44 });
  expect([small.width, small.height]).toEqual([88, 44]);
});

test("a mouth at the edge is moved inwards, a grey picture becomes RGB", () => {
  const low = landmarks.map(([x, y]): Point => [x + 150, y + 150]);
  const input = { width: 126, height: 126, framesPerSecond: 25, region: "mouth" } as const;
  const mouth = lipPicture({ picture, landmarks: low }, input);
  expect(Array.from(mouth.data.subarray(-3))).toEqual([199, 199, 0]);
  expect(lipPicture({ picture: image(400, 400, 1), landmarks }, input).channels).toBe(3);
  expect(() => lipPicture({ picture, landmarks: landmarks.slice(1) }, input)).toThrow(/67/);
});

test("another rate shows what is on view", () => {
  const pictures = [0, 1, 2, 3, 4, 5];
  expect(atRate(pictures, { from: 30, to: 30 })).toEqual(pictures);
  expect(atRate(pictures, { from: 30, to: 15 })).toEqual([1, 3, 5]);
  expect(atRate(pictures, { from: 30, to: 60 })).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  expect(atRate([7], { from: 30, to: 10 })).toEqual([7]);
  expect(() => atRate([], { from: 30, to: 25 })).toThrow(/0 pictures/);
});
