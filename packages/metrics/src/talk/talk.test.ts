import { image, type Point } from "@prosopon/media";
import { gaussians, uniforms } from "@prosopon/random";
import { describe, expect, test } from "vitest";
import { metricConformance } from "../testing.ts";
import { drift } from "./drift.ts";
import { flicker } from "./flicker.ts";
import { mouthOpening } from "./mouth-opening.ts";
import { sharpness } from "./sharpness.ts";
import { silenceAperture } from "./silence-aperture.ts";
import { soundEnvelope } from "./sound-envelope.ts";
import { syncDistance } from "./sync-distance.ts";
import { syncOffset } from "./sync-offset.ts";

const even = (value: number) => image(6, 5, 1, new Uint8Array(30).fill(value));

describe.each([
  ...metricConformance({
    metric: silenceAperture(),
    samples: [
      { opening: 0.1, loudness: 0 },
      { opening: 0.3, loudness: 1 },
    ],
    bad: { opening: Number.NaN, loudness: 0 },
  }),
  ...metricConformance({ metric: flicker(), samples: [even(0), even(9), even(3), even(7)], bad: image(3, 3, 1) }),
])("as every metric", ({ name, check }) => {
  test(name, check);
});

test("mouth: gap of the inner lips over the distance of the outer eye corners", () => {
  const face = Array.from({ length: 68 }, (): Point => [0, 0]);
  face[36] = [10, 10];
  face[45] = [50, 10];
  for (const [up, low] of [
    [61, 67],
    [62, 66],
    [63, 65],
  ] as const) {
    face[up] = [30, 40];
    face[low] = [30, 48];
  }
  expect(mouthOpening(face)).toBeCloseTo(0.2, 12);
  face[45] = face[36]!;
  expect(() => mouthOpening(face)).toThrow(/eyes/);
  expect(() => mouthOpening(face.slice(1))).toThrow();
});

test("envelope: root mean square of each frame, silence beyond the end", () => {
  const samples = Float32Array.from({ length: 100 }, (_, i) => (i < 50 ? 0.5 : i % 2 ? 1 : -1));
  expect([...soundEnvelope(samples, { rate: 100, framesPerSecond: 2, frames: 4 })]).toEqual([0.5, 1, 0, 0]);
  expect(soundEnvelope(samples, { rate: 100, framesPerSecond: 4 })).toHaveLength(4);
  expect(() => soundEnvelope(samples, { rate: 0, framesPerSecond: 4 })).toThrow(/no rates/);
});

test.each([-7, 0, 4, 15])("a mouth that follows the sound by %i frames is found to", (late) => {
  const length = 90;
  const sound = uniforms(2, "sound", 0, length + 40);
  const smooth = Array.from({ length: length + 30 }, (_, i) => sound[i]! + sound[i + 1]! + sound[i + 2]!);
  const envelope = smooth.slice(15, 15 + length);
  const opening = Array.from({ length }, (_, i) => 0.1 + 0.3 * smooth[15 + i - late]!);
  const found = syncOffset(opening, envelope, { framesPerSecond: 25 });
  expect(found.frames).toBe(late);
  expect(found.seconds).toBeCloseTo(late / 25, 12);
  expect(found.correlation).toBeCloseTo(1, 9);
  expect(found.confidence).toBeGreaterThan(0.5);
});

test("flat curves and short ones have no offset", () => {
  const wave = Array.from({ length: 60 }, (_, i) => Math.sin(i));
  expect(() => syncOffset(new Array(60).fill(1), wave, { framesPerSecond: 25 })).toThrow(/does not change/);
  expect(() => syncOffset(wave.slice(0, 20), wave, { framesPerSecond: 25 })).toThrow(/20 frames are too few/);
});

test("distance of embeddings: least at the true lag", () => {
  const audio = Array.from({ length: 60 }, (_, i) => gaussians(3, "audio", i, 8));
  const video = audio.map((_, t) => audio[t - 3] ?? new Float64Array(8));
  const { offset, distance, confidence } = syncDistance(video, audio);
  expect(offset).toBe(3);
  expect(distance).toBeLessThan(0.3);
  expect(confidence).toBeGreaterThan(2);
  expect(() => syncDistance(video, audio.slice(1))).toThrow(/60 and 59/);
  expect(() => syncDistance([], [])).toThrow(/no clip/);
});

test("silence and speech, told apart by loudness", () => {
  const judgement = silenceAperture().start();
  for (const [opening, loudness] of [
    [0.02, 0],
    [0.04, 0.01],
    [0.3, 1],
  ] as const)
    judgement.add({ opening, loudness });
  expect(judgement.result()).toEqual({
    silent: expect.closeTo(0.03, 12),
    spoken: 0.3,
    frames: { silent: 2, spoken: 1 },
  });
  const loud = silenceAperture().start();
  loud.add({ opening: 0.1, loudness: 1 });
  expect(() => loud.result()).toThrow(/one kind is absent/);
});

test("drift: the slope of a line; sharpness: an edge is sharper than its blur; flicker: what jumps back counts", () => {
  const line = Array.from({ length: 50 }, (_, t) => 1 - 0.01 * t);
  expect(drift(line, { framesPerSecond: 25 })).toMatchObject({ perSecond: expect.closeTo(-0.25, 9), frames: 50 });
  expect(() => drift([1], { framesPerSecond: 25 })).toThrow(/1 frames/);
  const edge = (soft: boolean) =>
    image(
      9,
      9,
      1,
      Uint8Array.from({ length: 81 }, (_, i) => (soft ? Math.min(255, 32 * (i % 9)) : i % 9 < 4 ? 0 : 255)),
    );
  expect(sharpness(edge(false))).toBeGreaterThan(10 * sharpness(edge(true)));
  expect(sharpness(even(3))).toBe(0);
  const judged = (values: readonly number[]) => {
    const judgement = flicker().start();
    for (const value of values) judgement.add(even(value));
    return judgement.result().mean;
  };
  expect(judged([0, 10, 20, 30])).toBe(0);
  expect(judged([10, 30, 10, 30])).toBe(40);
  expect(() => judged([1, 2])).toThrow(/no samples/);
});
