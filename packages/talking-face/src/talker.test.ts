import { type Tensor, tensor } from "@prosopon/graph";
import { uniforms } from "@prosopon/random";
import type { Host } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeTalkState, encodeTalkState } from "./talk-state.ts";
import { createTalker, type SynthesizeOptions, type Talker, type TalkFrame, type TalkInput } from "./talker.ts";
import { microFeatures, microTalker } from "./testing/micro-talker.ts";

let host: Host;
let talker: Talker;
beforeAll(async () => {
  host = await createHost({ kind: "in-process", threads: 1 });
  talker = createTalker({ host, ...microTalker() });
});
afterAll(async () => {
  await talker[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});

const planes = (seed: number): Tensor<"float32"> =>
  tensor(
    "float32",
    [1, 3, 16, 16],
    uniforms(seed, "image", 0, 768).map((v) => 2 * v - 1),
  );
const rows = (count: number, seed = 3): Float32Array[] =>
  Array.from({ length: count }, (_, k) => Float32Array.from(uniforms(seed, "speech", k, microFeatures)));
const portrait = planes(1);
const plain: TalkInput = { portrait, speech: rows(6), emotion: "happy" };

async function frames(input: Partial<TalkInput> = {}, options: SynthesizeOptions = {}): Promise<TalkFrame[]> {
  const made: TalkFrame[] = [];
  for await (const frame of talker.synthesize({ ...plain, ...input }, options)) made.push(frame);
  return made;
}
const pixels = (made: readonly TalkFrame[]) => made.map((frame) => [...frame.pixels, ...frame.latent.data]);

test("as many frames as the speech has rows, at the model's rate, as RGB", async () => {
  const made = await frames();
  expect(made.map(({ index, pts }) => [index, pts])).toEqual([0, 1, 2, 3, 4, 5].map((k) => [k, k / 25]));
  for (const frame of made) expect([frame.width, frame.height, frame.pixels.length]).toEqual([16, 16, 768]);
  expect(await frames({ speech: [] })).toEqual([]);
});

test("the same input gives the same frames; everything that it is told changes them", async () => {
  const once = pixels(await frames());
  expect(pixels(await frames())).toEqual(once);
  const others: Partial<TalkInput>[] = [
    { seed: 1 },
    { emotion: "sad" },
    { speech: rows(6, 4) },
    { portrait: planes(2) },
    { controls: () => ({ yaw: 0.9, blink: 1 }) },
    { masked: Array.from({ length: 6 }, () => planes(7)) },
    { guidance: 4 },
    { audioGuidance: 3 },
    { giveWay: 0 },
    { steps: 3 },
    { eta: 1 },
    { identity: "previous" },
    { noise: "fresh" },
    { detail: false },
  ];
  for (const other of others) expect(pixels(await frames(other)), JSON.stringify(Object.keys(other))).not.toEqual(once);
});

test("a frame hears only its window", async () => {
  const [speech, other] = [rows(6), rows(6)];
  other[5] = Float32Array.from({ length: microFeatures }, () => 9);
  const [a, b] = [await frames({ speech }), await frames({ speech: other })];
  // One row ahead: row 5 is first heard by frame 4.
  expect(pixels(a.slice(0, 4))).toEqual(pixels(b.slice(0, 4)));
  expect(pixels(a.slice(4))).not.toEqual(pixels(b.slice(4)));
});

test.each([
  { identity: "anchored", eta: 0 } as const,
  { identity: "previous", eta: 1, noise: "fresh" } as const,
])("frames resumed from a state equal uninterrupted ones bit for bit: %j", async (settings) => {
  const input = { ...settings, masked: Array.from({ length: 6 }, (_, k) => planes(20 + k)) };
  const whole = await frames(input);
  for (const k of [0, 2, 4]) {
    const from = decodeTalkState(encodeTalkState(whole[k]!.state));
    expect(pixels(await frames(input, { from }))).toEqual(pixels(whole.slice(k + 1)));
  }
});

test("a frame comes as soon as its window is heard, not when more speech follows", async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  async function* speech() {
    yield* rows(4);
    await held;
    yield* rows(2);
  }
  const made: number[] = [];
  const all = (async () => {
    for await (const { index } of talker.synthesize({ ...plain, speech: speech() })) made.push(index);
  })();
  // Rows 0..3 with one row of looking ahead are three frames.
  while (made.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  release();
  await all;
  expect(made).toEqual([0, 1, 2, 3, 4, 5]);
});

test("a signal ends the synthesis at the next frame", async () => {
  const controller = new AbortController();
  const seen: number[] = [];
  const run = (async () => {
    for await (const { index } of talker.synthesize({ ...plain, speech: rows(50) }, { signal: controller.signal })) {
      seen.push(index);
      if (index === 2) controller.abort();
    }
  })();
  await expect(run).rejects.toMatchObject({ code: "cancelled" });
  expect(seen).toEqual([0, 1, 2]);
});

test.each<[Partial<TalkInput>, RegExp]>([
  [{ emotion: "bored" }, /knows no emotion "bored"/],
  [{ steps: 0 }, /steps/],
  [{ guidance: -1 }, /guidance/],
  [{ portrait: tensor("float32", [1, 3, 15, 16]) }, /15/],
  [{ portrait: tensor("float32", [3, 16, 16]) }, /\[1, 3, H, W\]/],
  [{ speech: [new Float32Array(5)] }, /audio window/i],
  [{ masked: [] }, /driving frames end at frame 0/],
])("refuses %j", async (input, message) => {
  await expect(frames(input)).rejects.toThrow(message);
});

test("a model without the masked target refuses to dub", async () => {
  const small = microTalker({ conditions: { identity: true, audio: { ...audio, before: 0, after: 0 } } });
  await using other = createTalker({ host, ...small });
  const run = other.synthesize({ ...plain, masked: [planes(3)] });
  await expect(run.next()).rejects.toThrow(/no masked frames/);
});

const audio = {
  features: "any",
  featureSize: microFeatures,
  before: 2,
  after: 1,
  encode: "convolutional",
  size: 8,
} as const;
