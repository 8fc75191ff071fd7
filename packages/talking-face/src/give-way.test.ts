import { linearSchedule } from "@prosopon/core-diffusion";
import { tensor } from "@prosopon/graph";
import { uniforms } from "@prosopon/random";
import { createHost } from "@prosopon/runtime/node";
import { expect, test } from "vitest";
import type { TalkSettingsInput } from "./talk-settings.ts";
import { createTalker } from "./talker.ts";
import { microFeatures, microTalker } from "./testing/micro-talker.ts";

test("the emotion's weight gives way where the speech moves the prediction", async () => {
  await using host = await createHost({ kind: "in-process", threads: 1 });
  await using talker = createTalker({ host, ...microTalker() });
  const portrait = tensor(
    "float32",
    [1, 3, 16, 16],
    uniforms(1, "image", 0, 768).map((v) => 2 * v - 1),
  );
  const speech = [Float32Array.from(uniforms(3, "speech", 0, microFeatures))];
  /** A frame's latent [3, 64] in one step, which is linear in the prediction v. */
  const latent = async (settings: TalkSettingsInput): Promise<Float32Array> => {
    for await (const frame of talker.synthesize({ portrait, speech, emotion: "happy", ...settings }))
      return frame.latent.data;
    throw new Error("no frame");
  };
  const plain = await latent({ guidance: 1, audioGuidance: 1 });
  const less = (a: Float32Array) => a.map((v, i) => v - plain[i]!);
  const emotion = less(await latent({ guidance: 2, audioGuidance: 1 }));
  const audio = less(await latent({ guidance: 1, audioGuidance: 2 }));
  const slope = -Math.sqrt(1 - linearSchedule()[999]!);
  const expected = (g: number) =>
    plain.map((v, i) => {
      const moved = [0, 1, 2].reduce((sum, c) => sum + (audio[c * 64 + (i % 64)]! / slope) ** 2, 0) / 3;
      // Of 8 rows the upper four keep the whole weight.
      const low = i % 64 < 32 ? 0 : 1;
      return v + (2 * emotion[i]!) / (1 + g ** 2 * moved * low) + audio[i]!;
    });
  const apart = (a: Float32Array, b: Float32Array) => Math.max(...a.map((v, i) => Math.abs(v - b[i]!)));
  for (const giveWay of [0, 1, 20]) {
    const made = await latent({ guidance: 3, audioGuidance: 2, giveWay });
    expect(apart(made, expected(giveWay))).toBeLessThan(1e-4);
  }
  expect(apart(expected(0), expected(20))).toBeGreaterThan(1e-3);
});
