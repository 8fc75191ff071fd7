import { tensor } from "@prosopon/graph";
import { expect, test } from "vitest";
import type { FaceLandmarks } from "./face-landmarks.ts";
import { maskLowerFace, maskRow } from "./mask-lower-face.ts";
import { stableCrop } from "./stable-crop.ts";

/** A plain frontal face; `open` lowers jaw and lower lip, `raise` lifts the upper lip. */
function face(open = 0, raise = 0, shift = 0): FaceLandmarks {
  const points: [number, number][] = [];
  for (let i = 0; i < 17; i++) {
    const angle = Math.PI * (1 - i / 16);
    points.push([0.5 + 0.33 * Math.cos(angle), 0.5 + (0.4 + open) * Math.sin(angle)]);
  }
  for (let i = 0; i < 10; i++) points.push([0.25 + 0.055 * i, 0.38]);
  for (let i = 0; i < 4; i++) points.push([0.5, 0.47 + 0.05 * i]);
  for (let i = 0; i < 5; i++) points.push([0.44 + 0.03 * i, 0.66]);
  for (const x of [0.34, 0.58]) for (const dx of [0, 0.03, 0.06, 0.09, 0.06, 0.03]) points.push([x + dx, 0.47]);
  for (let i = 0; i < 7; i++) points.push([0.4 + 0.033 * i, 0.75 - raise]);
  for (let i = 0; i < 5; i++) points.push([0.57 - 0.033 * i, 0.82 + open]);
  for (let i = 0; i < 5; i++) points.push([0.41 + 0.04 * i, 0.77 - raise]);
  for (let i = 0; i < 3; i++) points.push([0.55 - 0.04 * i, 0.8 + open]);
  return points.map(([x, y]) => [x, y + shift]);
}

const white = tensor("float32", [3, 128, 128], new Float32Array(3 * 128 * 128).fill(1));

test("the reference's mask: from five pixels above the mouth, all columns, all channels", () => {
  const masked = maskLowerFace(white, face(), { rule: "reference" });
  const row = Math.trunc(0.75 * 128) - 5;
  expect(maskRow(128, face(), { rule: "reference" })).toBe(row);
  for (let i = 0; i < masked.data.length; i++) {
    const y = Math.floor((i % (128 * 128)) / 128);
    if (masked.data[i] !== (y < row ? 1 : -1)) throw new Error(`Value ${i} of row ${y} is ${masked.data[i]}.`);
  }
  expect(white.data.every((v) => v === 1)).toBe(true);
  expect(maskRow(64, face(), { rule: "reference" })).toBe(Math.round(row / 2));
});

test("missing landmarks mask the lower half; a mouth above the picture masks all of it", () => {
  expect(maskRow(128, undefined, { rule: "reference" })).toBe(64);
  expect(maskRow(128, undefined, { rule: "fixed" })).toBe(64);
  expect(maskRow(128, face(0, 0, -0.74), { rule: "reference" })).toBe(0);
  const far = maskLowerFace(white, face(0, 0, -0.74), { rule: "reference" });
  expect(far.data.every((v) => v === -1)).toBe(true);
});

test("the fixed mask and the stable crop follow the head, never the mouth or the jaw", () => {
  const still = maskRow(128, face(), { rule: "fixed" });
  expect(still).toBeLessThan(Math.trunc(0.75 * 128) - 5);
  expect(still).toBeGreaterThan(0.47 * 128);
  for (const open of [0.02, 0.06, 0.12]) {
    const moved = face(open, open / 2);
    expect(maskRow(128, moved, { rule: "fixed" })).toBe(still);
    expect(stableCrop(moved)).toEqual(stableCrop(face()));
    // The control: the reference's mask does move.
    expect(maskRow(128, moved, { rule: "reference" })).toBeLessThan(maskRow(128, face(), { rule: "reference" }));
  }
  expect(maskRow(128, face(0, 0, 0.125), { rule: "fixed" })).toBe(still + 16);
  expect(stableCrop(face(0, 0, 0.125)).top).toBeCloseTo(stableCrop(face()).top + 0.125, 12);
});

test("the stable crop holds the whole face", () => {
  const { left, top, side } = stableCrop(face(0.05));
  for (const [x, y] of face(0.05)) {
    expect(x).toBeGreaterThan(left);
    expect(x).toBeLessThan(left + side);
    expect(y).toBeGreaterThan(top);
    expect(y).toBeLessThan(top + side);
  }
});

test("what is no face is refused", () => {
  expect(() => maskRow(128, face().slice(0, 67), { rule: "fixed" })).toThrow("68 landmarks, not 67");
  const broken = [...face()];
  broken[5] = [0.5, Number.NaN];
  expect(() => maskLowerFace(white, broken, { rule: "reference" })).toThrow("Landmark 5 lies at 0.5, NaN");
  expect(() => maskLowerFace(tensor("float32", [1, 3, 8, 8]), face(), { rule: "fixed" })).toThrow("[C, H, W]");
});
