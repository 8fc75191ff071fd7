import { talkConditions } from "@prosopon/conditioning";
import { type Tensor, tensor } from "@prosopon/graph";
import { gaussians, uniforms } from "@prosopon/random";
import { createHost } from "@prosopon/runtime/node";
import { createTalker, talkSettings } from "@prosopon/talking-face";
import { microFeatures, microTalker } from "@prosopon/talking-face/testing";
import { createTrainer, initialState, weightsOf } from "@prosopon/training";
import { expect, test } from "vitest";
import { frameStep } from "./frame-step.ts";
import { keptFrames } from "./node/kept-frames.ts";

const latent = [3, 8, 8] as const;
const shape = [1, ...latent];
const size = 192;

test("the error of a guided step is that of the frame that synthesis makes, and falls", async () => {
  await using host = await createHost({ kind: "in-process", threads: 1 });
  const micro = microTalker();
  const { config, parameters } = micro.denoiser;
  await using talker = createTalker({ host, ...micro });
  const portrait = tensor(
    "float32",
    [1, 3, 16, 16],
    uniforms(1, "image", 0, 768).map((v) => 2 * v - 1),
  );
  const row = Float32Array.from(uniforms(3, "speech", 0, microFeatures));
  const settings = talkSettings({ steps: 2, guidance: 3, audioGuidance: 2, giveWay: 5 });
  const made: Tensor<"float32">[] = [];
  for await (const frame of talker.synthesize({ portrait, speech: [row], emotion: "sad", ...settings }))
    made.push(frame.latent, frame.state.identity);
  const [frame, identity] = made as [Tensor<"float32">, Tensor<"float32">];

  const { audio } = config.conditions;
  const heard = Array.from({ length: audio!.before + 1 + audio!.after }, () => [...row]).flat();
  const bare = tensor("float32", [...latent], identity.data);
  const told = await talkConditions(config, latent).feeds({
    emotion: ["sad"],
    audio: [tensor("float32", [heard.length / microFeatures, microFeatures], heard)],
    controls: [{ yaw: 0, blink: 0 }],
    masked: [tensor("float32", [...latent])],
    identity: [bare],
    motion: [[bare, bare]],
  } as never);
  const target = tensor("float32", shape, gaussians(7, "target", 0, size));
  const emphasis = tensor("float32", [1, 1, 8, 8], new Float32Array(64).fill(1).fill(4, 40));
  const feeds = {
    ...told,
    latent: target,
    noise: tensor("float32", shape, gaussians(settings.seed, "talking-face/start", 0, size)),
    emphasis,
    opening: tensor("float32", [1], [0.3]),
    "controls/dropped": tensor("bool", [1], [0]),
  };
  const errors = frame.data.map((v, i) => (v - target.data[i]!) ** 2);
  const mean = (of: (v: number, i: number) => number) => errors.reduce((sum, v, i) => sum + of(v, i), 0) / size;

  const weights = new Map(Object.entries(parameters as Record<string, Tensor>));
  // Fixed weights make the same frame; what is aimed at is half of the way to it, but where errors weigh more nearer to the truth.
  await using keeping = await keptFrames({ config, latent, batch: 1, settings, weights, share: 0.5 });
  const aimed = (await keeping.aimed(feeds))["latent"]!.data as Float32Array;
  for (const i of [0, 39, 40, 63, 64, 150, 191]) {
    const share = i % 64 < 40 ? 0.5 : 0.2;
    expect(aimed[i]).toBeCloseTo(target.data[i]! + share * (frame.data[i]! - target.data[i]!), 4);
  }

  const open = (opening: number) => {
    const rest = { parameters: () => true, settings, opening };
    const program = frameStep({ config, latent, batch: 1, learningRate: 1e-2, steps: 20, ...rest });
    return createTrainer({ host, program, state: initialState(program, { seed: 0, weights }) });
  };
  await using trainer = await open(0);
  const first = await trainer.run(feeds);
  expect(first.metrics["simple"]!.data[0]).toBeCloseTo(
    mean((v) => v),
    4,
  );
  expect(first.losses.frame).toBeCloseTo(
    mean((v, i) => v * emphasis.data[i % 64]!),
    4,
  );
  let last = first;
  for (let step = 1; step < 20; step++) last = await trainer.run(feeds);
  expect(last.losses.frame).toBeLessThan(0.9 * first.losses.frame);

  // The mouth's opening, read in the frame, joins by its weight, and what reads it stays as it is.
  await using reading = await open(3);
  const readerOf = async () =>
    [...weightsOf(await reading.state())]
      .filter(([name]) => name.startsWith("reader."))
      .map(([, { data }]) => [...data]);
  const before = await readerOf();
  const seen = await reading.run(feeds);
  const opened = Number(seen.metrics["opened"]!.data[0]);
  expect(opened).toBeGreaterThan(0.1);
  expect(seen.losses.frame).toBeCloseTo(first.losses.frame + 3 * opened, 3);
  expect(await readerOf()).toEqual(before);
  expect(before.length).toBe(8);
});
