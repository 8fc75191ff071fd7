import { scene, sceneLandmarks } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { image, type Point } from "@prosopon/media";
import type { VideoFrame } from "@prosopon/media/node";
import { microManifest } from "@prosopon/models/testing";
import type { Face } from "@prosopon/perception";
import type { Host } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { createTalker, type Talker } from "@prosopon/talking-face";
import { microTalker } from "@prosopon/talking-face/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DubbedFrame, type DubFramesOptions, dubFrames } from "./dub-frames.ts";
import type { DubReport } from "./dub-report.ts";
import { facePlace } from "./face-place.ts";
import { steadyFaces } from "./steady-faces.ts";

let host: Host;
let talker: Talker;
beforeAll(async () => {
  host = await createHost({ kind: "in-process", threads: 1 });
  const conditions = microManifest("talking-face").config.conditions;
  talker = createTalker({ host, ...microTalker({ conditions }) });
});
afterAll(async () => {
  await talker[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});

const drawn = render(scene({ identity: 4 }), { size: 64 });
const face: Face = {
  box: { x: 16, y: 12, width: 32, height: 40, score: 0.9 },
  landmarks: drawn.landmarks.map(([x, y]): Point => [64 * x, 64 * y]),
};
const film = (count: number) => ({
  frameRate: { numerator: 25, denominator: 1 },
  async *frames(): AsyncGenerator<VideoFrame, void> {
    for (let index = 0; index < count; index++)
      yield { ...image(64, 64, 3, Uint8Array.from(drawn.image.data)), index, pts: index / 25 };
  },
});
async function* speech(frames: number) {
  for (let k = 0; k < frames; k++)
    yield Float32Array.from({ length: 640 }, (_, i) => 0.3 * Math.sin(0.05 * (k * 640 + i)));
}
async function dub(
  options: Partial<DubFramesOptions> = {},
  find: (index: number) => readonly Face[] | undefined = () => [face],
) {
  const manifest = microManifest("talking-face", { emotions: ["neutral", "happy", "sad"] });
  const run = dubFrames(
    { talker, manifest, side: 32, faces: async (frame) => find((frame as VideoFrame).index) },
    {
      video: film(20),
      speech: speech(20),
      emotion: "neutral",
      lost: "hold",
      signal: new AbortController().signal,
      ...options,
    },
  );
  const frames: DubbedFrame[] = [];
  for (;;) {
    const { done, value } = await run.next();
    if (done) return { frames, report: value satisfies DubReport };
    frames.push(value);
  }
}

test("every frame gets a new lower face, and keeps everything else", async () => {
  const { frames, report } = await dub();
  expect(report).toMatchObject({
    frames: 20,
    dubbed: 20,
    held: [],
    passed: [],
    cuts: [],
    shorter: "neither",
    faces: 1,
  });
  for (const { image: made, index } of frames) {
    const changed = Array.from({ length: 64 * 64 }, (_, i) => i).filter((i) =>
      [0, 1, 2].some((c) => made.data[3 * i + c] !== drawn.image.data[3 * i + c]),
    );
    expect(changed.length, `frame ${index}`).toBeGreaterThan(100);
    const rows = changed.map((i) => Math.floor(i / 64));
    // Below the eyes, above the shoulders.
    const [eye, chin] = [face.landmarks[41]![1], face.landmarks[8]![1]];
    expect(Math.min(...rows)).toBeGreaterThan(eye - 6);
    expect(Math.max(...rows)).toBeLessThan(chin + 12);
  }
});

test("the shorter of film and speech decides", async () => {
  expect((await dub({ video: film(8) })).report).toMatchObject({ frames: 8, shorter: "video" });
  expect((await dub({ speech: speech(7) })).report).toMatchObject({ frames: 7, shorter: "speech" });
  await expect(dub({ speech: speech(0) })).rejects.toThrow(/too short|speech/);
});

test("a lost face: held, passed or refused, and told", async () => {
  const gap = (index: number) => (index >= 5 && index <= 7 ? [] : [face]);
  const held = await dub({}, gap);
  expect(held.report).toMatchObject({
    dubbed: 17,
    held: [{ first: 5, last: 7, reason: "no face was found" }],
    passed: [],
  });
  expect(held.frames[6]!.image.data).not.toEqual(drawn.image.data);
  const passed = await dub({ lost: "pass" }, gap);
  expect(passed.report).toMatchObject({ dubbed: 17, held: [], passed: [{ first: 5, last: 7 }] });
  expect(passed.frames[6]!.image.data).toEqual(drawn.image.data);
  await expect(dub({ lost: "fail" }, gap)).rejects.toThrow("lost in frame 5 (0.20 s)");
  // Somebody who stands elsewhere is not the same face.
  const other: Face = { ...face, box: { ...face.box, x: 300 } };
  expect((await dub({ lost: "pass" }, (index) => (index === 9 ? [other] : [face]))).report.passed).toEqual([
    { first: 9, last: 9, reason: "the face is not where it was" },
  ]);
  // After half a second a lost face is given up.
  const long = await dub({ video: film(30), speech: speech(30) }, (index) => (index < 4 ? [face] : []));
  expect(long.report.held).toEqual([{ first: 4, last: 15, reason: "no face was found" }]);
  expect(long.report.passed).toEqual([{ first: 16, last: 29, reason: "no face was found" }]);
});

test("films without a face, without a finder, at another rate", async () => {
  await expect(dub({}, () => [])).rejects.toThrow("No face was found in any of the film's 20 frames");
  await expect(dub({}, () => undefined)).rejects.toMatchObject({ code: "unavailable" });
  await expect(dub({ video: { ...film(3), frameRate: { numerator: 30, denominator: 1 } } })).rejects.toThrow(
    "25 frames",
  );
  await expect(dub({ emotion: "bored" })).rejects.toThrow("bored");
});

test("the crop neither trembles nor lags behind a face that moves", async () => {
  const tremor = [0.9, -1.1, 0.4, -0.6, 1.2, -0.8, 0.2, -0.5, 1, -0.7];
  async function* followed() {
    for (let index = 0; index < 40; index++) {
      const shift = index + tremor[index % 10]!;
      const landmarks = face.landmarks.map(([x, y]): Point => [x + shift, y]);
      yield { frame: { ...image(8, 8, 3), index, pts: index / 25 }, face: { ...face, landmarks }, segment: 0 };
    }
  }
  const off: number[] = [];
  for await (const { landmarks, frame } of steadyFaces(followed())) {
    if (frame.index >= 6 && frame.index < 34) off.push(landmarks![33]![0] - face.landmarks[33]![0] - frame.index);
  }
  expect(off.length).toBe(28);
  expect(Math.max(...off.map(Math.abs))).toBeLessThan(0.35);
});

test("a mouth that opens does not move the crop; a turned picture is put upright", () => {
  const at = (viseme: "silence" | "a") =>
    sceneLandmarks(scene({ identity: 4, viseme })).map(([x, y]): Point => [100 * x, 100 * y]);
  const options = { side: 128, domain: "rendered portraits" } as const;
  expect(facePlace(at("a"), options)).toEqual(facePlace(at("silence"), options));
  const turned = at("silence").map(([x, y]): Point => [-y, x]);
  const { a, b } = facePlace(turned, options);
  expect(Math.abs(a / b)).toBeLessThan(0.01);
});
