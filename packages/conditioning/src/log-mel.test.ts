import fc from "fast-check";
import { expect, test } from "vitest";
import { framesOf } from "./audio-features.ts";
import { fourierPower } from "./fourier-power.ts";
import { logMel } from "./log-mel.ts";
import { windowOf } from "./window-of.ts";

const sine = (hertz: number, seconds = 0.4, gain = 1) =>
  Float32Array.from({ length: 16000 * seconds }, (_, i) => gain * Math.sin((2 * Math.PI * hertz * i) / 16000));

async function* inChunks(waveform: Float32Array, sizes: readonly number[]) {
  for (let at = 0, i = 0; at < waveform.length; i++) {
    const size = sizes[i % sizes.length]!;
    yield waveform.slice(at, at + size);
    at += size;
  }
}

const speechLike = (length: number, seed: number) => {
  let state = seed >>> 0;
  return Float32Array.from({ length }, (_, i) => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return (state / 2 ** 32 - 0.5) * Math.abs(Math.sin(i / 900)) + 0.2 * Math.sin(i / 7);
  });
};

test("the power spectrum equals the sum that defines it", () => {
  const signal = Float64Array.from({ length: 13 }, (_, i) => Math.sin(i * i));
  const found = fourierPower(16)(signal);
  for (let bin = 0; bin <= 8; bin++) {
    let [re, im] = [0, 0];
    signal.forEach((v, i) => {
      re += v * Math.cos((2 * Math.PI * bin * i) / 16);
      im += v * Math.sin((2 * Math.PI * bin * i) / 16);
    });
    expect(found[bin]).toBeCloseTo(re * re + im * im, 10);
  }
});

test("a pure tone is loudest in its own band, near 1, and far bands are silent", async () => {
  const features = logMel();
  for (const band of [2, 11, 20, 31, 38]) {
    const rows = await features.extract(sine(features.bandCentres[band]!), 8, 25);
    const hop = rows.data.slice(4 * features.size, 4 * features.size + 40);
    expect(hop.indexOf(Math.max(...hop))).toBe(band);
    expect(hop[band]).toBeGreaterThan(0.9);
    expect(hop[band]).toBeLessThan(1.1);
    expect(hop[(band + 20) % 40]).toBeLessThan(0);
  }
});

test("silence is -1 everywhere; ten times the gain adds a constant", async () => {
  const features = logMel();
  expect([...new Set((await features.extract(new Float32Array(6400), 10, 25)).data)]).toEqual([-1]);
  const centre = features.bandCentres[11]!;
  const at = 4 * features.size + 11;
  const quiet = (await features.extract(sine(centre, 0.4, 0.01), 8, 25)).data[at]!;
  const loud = (await features.extract(sine(centre, 0.4, 0.1), 8, 25)).data[at]!;
  expect(loud - quiet).toBeCloseTo(0.5, 3);
});

test("sound that comes one frame later comes one row later", async () => {
  const features = logMel();
  const waveform = speechLike(16000, 3);
  const late = new Float32Array(16640);
  late.set(waveform, 640);
  const [a, b] = [await features.extract(waveform, 25, 25), await features.extract(late, 26, 25)];
  expect(b.data.slice(features.size)).toEqual(a.data);
  expect(b.data.slice(0, 25 * features.size)).not.toEqual(a.data);
});

test("a click is heard by the frame whose moment it is", async () => {
  const features = logMel({ hopsPerFrame: 1 });
  const waveform = new Float32Array(16000);
  const frame = 12;
  waveform[Math.round(((frame + 0.5) / 30) * 16000)] = 1;
  const { data } = await features.extract(waveform, 30, 30);
  const heard = Array.from({ length: 30 }, (_, k) => Math.max(...data.slice(k * 40, (k + 1) * 40)));
  expect(heard.indexOf(Math.max(...heard))).toBe(frame);
  expect(heard.filter((v) => v > -1)).toHaveLength(1);
});

test("a stream equals the whole bit for bit, in any chunks", async () => {
  const features = logMel({ bands: 8, hopsPerFrame: 3 });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 9000 }),
      fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 5 }),
      fc.constantFrom(25, 30, 30000 / 1001, 12),
      fc.integer(),
      async (length, sizes, rate, seed) => {
        const waveform = speechLike(length, seed);
        const frames = framesOf(length, 16000, rate);
        const whole = await features.extract(waveform, frames, rate);
        const rows: number[] = [];
        for await (const row of features.stream!(inChunks(waveform, sizes), rate)) rows.push(...row);
        expect(Float32Array.from(rows)).toEqual(whole.data);
      },
    ),
    { numRuns: 40 },
  );
});

test("a frame is ready as soon as its look-ahead is heard", async () => {
  const features = logMel();
  let heard = 0;
  async function* live() {
    for (;;) {
      heard += 160;
      yield new Float32Array(160);
    }
  }
  let frame = 0;
  for await (const row of features.stream!(live(), 25)) {
    expect(row).toHaveLength(features.size);
    expect(heard / 16000 - (frame + 0.5) / 25).toBeLessThanOrEqual(features.lookAheadSeconds + 0.011);
    if (++frame === 20) break;
  }
});

test("bad sound and bad options are named", async () => {
  const features = logMel();
  const broken = new Float32Array(1600);
  broken[700] = Number.NaN;
  await expect(features.extract(broken, 2, 25)).rejects.toThrow("not finite");
  await expect(features.extract(new Float32Array(10), 2, 0)).rejects.toThrow("0 is no frame rate");
  await expect(features.extract(new Float32Array(10), -1, 25)).rejects.toThrow("-1 is no number of frames");
  await expect(features.extract(new Float32Array(10), 2, 25, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "cancelled",
  });
  expect(() => logMel({ bands: 200 })).toThrow("too narrow");
  expect(() => logMel({ lowest: 5000, highest: 300 })).toThrow("below highest");
});

test("windows repeat the first and the last row", async () => {
  const features = { dtype: "float32", shape: [3, 2], data: Float32Array.of(0, 1, 2, 3, 4, 5) } as const;
  expect([...windowOf(features, 0, { before: 2, after: 1 }).data]).toEqual([0, 1, 0, 1, 0, 1, 2, 3]);
  expect([...windowOf(features, 2, { before: 1, after: 2 }).data]).toEqual([2, 3, 4, 5, 4, 5, 4, 5]);
  expect(() => windowOf(features, 3, { before: 1, after: 1 })).toThrow("no frame 3");
});
