import type { Tensor } from "@prosopon/graph";
import { image, type Point } from "@prosopon/media";
import type { Host } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createFaceFinder } from "./face-finder.ts";
import { landmarkNet } from "./landmark-net.ts";
import { randomParameters } from "./random-parameters.test.support.ts";
import { tinyFaceDetector } from "./tiny-face-detector.ts";

let host: Host;
beforeAll(async () => {
  host = await createHost({ kind: "in-process", threads: 1 });
});
afterAll(() => host[Symbol.asyncDispose]());

const random = {
  ...randomParameters("detector", [1, 3, 96, 96], tinyFaceDetector),
  ...randomParameters("landmarks", [1, 3, 112, 112], landmarkNet),
};
const silent = Object.fromEntries(
  Object.entries(random).map(([name, t]): [string, Tensor] => [
    name,
    { ...t, data: new Float32Array(t.data.length) } as Tensor,
  ]),
);

/** A symmetric face, as fractions of its square. */
const shape = Array.from({ length: 68 }, (): Point => [0.5, 0.5]);
for (const [left, right, x, y] of [
  [0, 16, 0.1, 0.3],
  [36, 45, 0.3, 0.35],
  [48, 54, 0.35, 0.7],
  [7, 9, 0.45, 0.9],
] as const) {
  shape[left] = [x, y];
  shape[right] = [1 - x, y];
}

/** Networks that see nothing and answer from their biases: anchor `anchor` in every cell with this score, and `shape` in every box. */
function biased(anchor: number, score: number): Record<string, Tensor> {
  const responses = new Float32Array(25).fill(-20);
  responses.set([0, 0, 0, 0, score], anchor * 5);
  return {
    ...silent,
    "detector.conv8.bias": { dtype: "float32", shape: [25], data: responses },
    "landmarks.fc.bias": { dtype: "float32", shape: [136], data: Float32Array.from(shape.flat()) },
  };
}

test("landmarks lie where the network puts them in the box that was looked at, the box where the detector puts it", async () => {
  await using finder = await createFaceFinder({ host, parameters: biased(0, 3), size: 96 });
  // 96 pixels of the square are 192 of the picture: a cell is 64.
  const faces = await finder.find(image(192, 192, 3));
  expect(faces.length).toBeGreaterThan(1);
  const middle = faces.find(
    ({ box }) => Math.abs(box.x + box.width / 2 - 96) < 1 && Math.abs(box.y + box.height / 2 - 96) < 1,
  );
  expect(middle!.box.width).toBeCloseTo(64 * 1.603231, 2);
  expect(middle!.box.height).toBeCloseTo(64 * 2.094468, 2);
  expect(middle!.box.score).toBeCloseTo(1 / (1 + Math.exp(-3)), 5);
  // The box is cut to whole pixels, then squared around its middle; the second look is a box around the first look's landmarks.
  const square = (x0: number, y0: number, x1: number, y1: number) => {
    const [left, top, right, bottom] = [Math.floor(x0), Math.floor(y0), Math.ceil(x1), Math.ceil(y1)];
    const side = Math.max(right - left, bottom - top);
    return ([x, y]: Point): Point => [(left + right - side) / 2 + x * side, (top + bottom - side) / 2 + y * side];
  };
  const { x, y, width, height } = middle!.box;
  const first = square(x, y, x + width, y + height);
  const [left, top] = first([0.1, 0.3]);
  const [right, bottom] = first([0.9, 0.9]);
  const [w, h] = [right - left, bottom - top];
  const second = square(left - 0.1 * w, top - 0.1 * h, right + 0.1 * w, bottom + 0.1 * h);
  middle!.landmarks.forEach((point, i) => {
    const [ex, ey] = second(shape[i]!);
    // The crop is rounded to whole pixels of 112.
    expect(Math.hypot(point[0] - ex, point[1] - ey)).toBeLessThan(0.75);
  });
});

test("several faces come best first; scores below the threshold are none", async () => {
  await using finder = await createFaceFinder({ host, parameters: biased(0, 0), size: 64 });
  const picture = image(64, 64, 3);
  const faces = await finder.find(picture, { threshold: 0.49 });
  expect(faces.length).toBeGreaterThan(1);
  const scores = faces.map(({ box }) => box.score);
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  expect(await finder.find(picture, { threshold: 0.51 })).toEqual([]);
});

test("no face, tiny, thin, grey and transparent pictures", async () => {
  await using blind = await createFaceFinder({ host, parameters: silent, size: 64 });
  expect(await blind.find(image(100, 60, 3), { threshold: 0.6 })).toEqual([]);
  await using eager = await createFaceFinder({ host, parameters: biased(4, 9), size: 64 });
  for (const [width, height] of [
    [1, 1],
    [3, 3],
    [3, 200],
    [200, 2],
  ] as const)
    expect(await eager.find(image(width, height, 3))).toEqual([]);
  for (const channels of [1, 3, 4] as const) {
    const [face] = await eager.find(image(12, 9, channels));
    expect(face!.landmarks).toHaveLength(68);
    expect(face!.landmarks.flat().every(Number.isFinite)).toBe(true);
  }
});

test("a face that leaves the picture: its box does, and what is seen of it has landmarks", async () => {
  await using finder = await createFaceFinder({ host, parameters: biased(4, 9), size: 64 });
  const [{ box, landmarks }] = (await finder.find(image(50, 50, 3))) as [Awaited<ReturnType<typeof finder.find>>[0]];
  expect(box.x).toBeLessThan(0);
  expect(box.y).toBeLessThan(0);
  expect(landmarks).toHaveLength(68);
});

test("faces that fill the picture are looked for again from farther away", async () => {
  const calls: (readonly number[])[] = [];
  const watched: Host = {
    ...host,
    async load(program, options) {
      const session = await host.load(program, options);
      return {
        ...session,
        run: ((feeds: Record<string, Tensor>, more?: object) => {
          calls.push(feeds["x"]!.shape);
          return session.run(feeds, more);
        }) as typeof session.run,
      };
    },
  };
  await using blind = await createFaceFinder({ host: watched, parameters: silent, size: 64 });
  await blind.find(image(30, 30, 3), { threshold: 0.9 });
  expect(calls).toEqual([
    [1, 3, 64, 64],
    [1, 3, 160, 160],
  ]);
  calls.length = 0;
  await using eager = await createFaceFinder({ host: watched, parameters: biased(4, 9), size: 64 });
  await eager.find(image(30, 30, 3));
  // One look was enough; the rest are landmarks.
  expect(calls.filter(([, , , side]) => side !== 112)).toEqual([[1, 3, 64, 64]]);
});

test("with random weights the answers are finite, and the same again", async () => {
  await using finder = await createFaceFinder({ host, parameters: random, size: 64 });
  const picture = image(
    40,
    30,
    3,
    Uint8Array.from({ length: 3600 }, (_, i) => (i * 7919) % 256),
  );
  const faces = await finder.find(picture, { threshold: 0.01 });
  expect(faces.flatMap(({ landmarks }) => landmarks.flat()).every(Number.isFinite)).toBe(true);
  expect(await finder.find(picture, { threshold: 0.01 })).toEqual(faces);
});

test("refuses sizes, thresholds and weights that cannot be", async () => {
  const make = (options: object) => createFaceFinder({ host, parameters: silent, ...options });
  for (const size of [0, 32, 100, 4096, Number.NaN])
    await expect(make({ size })).rejects.toMatchObject({ code: "bad-input" });
  await expect(make({ parameters: {} })).rejects.toMatchObject({ code: "not-found" });
  await using finder = await make({ size: 64 });
  for (const threshold of [0, 1, Number.NaN])
    await expect(finder.find(image(9, 9, 3), { threshold })).rejects.toMatchObject({ code: "bad-input" });
  await expect(finder.find(image(9, 9, 3), { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "cancelled",
  });
});
