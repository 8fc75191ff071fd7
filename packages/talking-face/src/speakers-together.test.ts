import { tensor } from "@prosopon/graph";
import { uniforms } from "@prosopon/random";
import type { Host } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTalker, type Talker, type TalkInput } from "./talker.ts";
import { microFeatures, microTalker } from "./testing/micro-talker.ts";

let host: Host;
/** How many speakers were in each run of the denoiser. */
const runs: number[] = [];
beforeAll(async () => {
  const plain = await createHost({ kind: "in-process", threads: 1 });
  host = {
    ...plain,
    async load(program, options) {
      const session = await plain.load(program, options);
      const run: typeof session.run = (feeds: Parameters<typeof session.run>[0], call?: object) => {
        if ("noise" in feeds) runs.push(feeds["noise"]!.shape[0]!);
        return session.run(feeds, call);
      };
      return { ...session, run };
    },
  };
});
afterAll(() => host[Symbol.asyncDispose]());

/** Three who differ in all that a batch could mix up. */
const speakers: readonly TalkInput[] = [
  { emotion: "happy", guidance: 2 },
  { emotion: "sad", guidance: 4, seed: 3 },
  { emotion: "neutral", guidance: 2, seed: 9 },
].map((own, at) => ({
  ...own,
  eta: 1,
  steps: 2,
  portrait: tensor(
    "float32",
    [1, 3, 16, 16],
    uniforms(at, "image", 0, 768).map((v) => 2 * v - 1),
  ),
  speech: Array.from({ length: 6 + at }, (_, k) => Float32Array.from(uniforms(at, "speech", k, microFeatures))),
  controls: (index) => ({ yaw: Math.sin(index + at), blink: at / 2 }),
}));

async function latents(talker: Talker, input: TalkInput): Promise<number[]> {
  const made: number[] = [];
  for await (const { latent } of talker.synthesize(input)) made.push(...latent.data);
  return made;
}

test("speakers at the same time share runs, and each gets the frames it would get alone", async () => {
  await using apart = createTalker({ host, ...microTalker() });
  const alone: number[][] = [];
  for (const input of speakers) alone.push(await latents(apart, input));
  expect(new Set(runs.splice(0))).toEqual(new Set([1]));
  await using joined = createTalker({ host, ...microTalker(), together: 3 });
  const together = await Promise.all(speakers.map((input) => latents(joined, input)));
  expect(runs.reduce((sum, count) => sum + count, 0)).toBe(6 + 7 + 8);
  expect(runs.length).toBeLessThan(6 + 7 + 8);
  const distance = (a: readonly number[], b: readonly number[]) =>
    a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i]!)), 0);
  for (const [at, frames] of together.entries()) {
    expect(frames.length).toBe(alone[at]!.length);
    expect(distance(frames, alone[at]!)).toBeLessThan(1e-4);
  }
  // The control: a batch that mixed speakers up would be far off.
  expect(distance(together[0]!, alone[1]!)).toBeGreaterThan(0.1);
});

test("one who is cancelled does not disturb the others", async () => {
  await using joined = createTalker({ host, ...microTalker(), together: 3 });
  const alone = await latents(joined, speakers[0]!);
  const cancel = new AbortController();
  const stopped = (async () => {
    for await (const { index } of joined.synthesize(speakers[1]!, { signal: cancel.signal }))
      if (index === 2) cancel.abort();
  })();
  const [frames, outcome] = await Promise.all([
    latents(joined, speakers[0]!),
    stopped.catch((error: { code: string }) => error.code),
  ]);
  expect(outcome).toBe("cancelled");
  expect(frames.length).toBe(alone.length);
});
