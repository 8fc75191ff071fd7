import { graph, tensor } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { expect, test } from "vitest";
import { audioWindow } from "./audio-window.ts";
import { checkConditionEncoder } from "./condition-conformance.ts";
import { conditions } from "./conditions.ts";
import { emotion } from "./emotion.ts";
import type { FaceLandmarks } from "./face-landmarks.ts";
import { landmarks } from "./landmarks.ts";
import { identityFrame, maskedTarget, motionFrames } from "./latent-frames.ts";

const points = (at: number): FaceLandmarks => Array.from({ length: 68 }, (_, i) => [at + i / 200, 1.2 * at]);
const latent = (value: number) => tensor("float32", [3, 2, 4], new Float32Array(24).fill(value));
const size = { height: 2, width: 4 };

test("landmarks and latent frames conform", async () => {
  await checkConditionEncoder(landmarks(), [points(0.1), points(0.4)]);
  await checkConditionEncoder(landmarks({ absent: "token" }), [points(0.1), points(0.4)]);
  await checkConditionEncoder(identityFrame(size), [latent(1), latent(2)]);
  await checkConditionEncoder(motionFrames({ ...size, count: 2 }), [
    [latent(1), latent(2)],
    [latent(3), latent(4)],
  ]);
});

test("the landmark encoder has the reference's names and number of parameters", () => {
  const top = scope(graph());
  landmarks().encode(top, { batch: 1, name: "landmarks" });
  const parameters = [...top.parameters.values()];
  expect(parameters.map(({ name }) => name).slice(0, 4)).toEqual([
    "net.0.weight",
    "net.0.bias",
    "net.2.weight",
    "net.2.bias",
  ]);
  expect(parameters.reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0)).toBe(341_248);
});

test("landmarks are clipped, scaled and rid of the mouth", async () => {
  const given: [number, number][] = Array.from({ length: 68 }, () => [0.5, 0.75]);
  given[0] = [-0.3, 1.7];
  given[47] = [0.25, 1];
  const fed = (await landmarks().feeds([given], { name: "l" }))["l/points"]!;
  expect(fed.shape).toEqual([1, 96]);
  expect([...fed.data.slice(0, 4)]).toEqual([-1, 1, 0, 0.5]);
  expect([...fed.data.slice(94)]).toEqual([-0.5, 1]);
  given[60] = [9, 9];
  expect((await landmarks().feeds([given], { name: "l" }))["l/points"]).toEqual(fed);
});

test("the thesis' conditions: emotion before audio in one token, masked before identity in the channels", async () => {
  const told = conditions(
    {
      emotion: emotion({ count: 8, size: 256, null: "row" }),
      audio: audioWindow({ before: 4, after: 4, features: 768, encode: "temporal-attention" }),
      masked: maskedTarget(size),
      identity: identityFrame(size),
    },
    { places: { emotion: "cond_stage_model_1", audio: "cond_stage_model_2" } },
  );
  const top = scope(graph());
  const encoded = told.encode(top, { batch: 2 });
  expect(encoded.injected().tokens!.shape).toEqual([2, 1, 1024]);
  expect(encoded.injected().channels!.shape).toEqual([2, 6, 2, 4]);
  expect([...top.parameters.keys()][0]).toBe("cond_stage_model_1.embedding.weight");
  expect(top.parameters.get("cond_stage_model_1.embedding.weight")!.shape).toEqual([9, 256]);
  const names = ["attentionConvNet.0", "attentionConvNet.2", "attentionConvNet.4", "attentionConvNet.6"];
  for (const name of [...names, "attentionConvNet.8", "attentionNet.0"])
    expect(top.parameters.has(`cond_stage_model_2.${name}.weight`)).toBe(true);
});

test("latents of another size or number are refused", async () => {
  const identity = identityFrame(size);
  await expect(identity.feeds([tensor("float32", [3, 4, 4])], { name: "i" })).rejects.toThrow("[3,2,4]");
  await expect(motionFrames({ ...size, count: 2 }).feeds([[latent(1)]], { name: "m" })).rejects.toThrow(
    "gives 1, not 2",
  );
  expect(() => identityFrame({ height: 0, width: 4 })).toThrow("identity-frame");
  expect(() => motionFrames({ ...size, count: 0 })).toThrow("0 is no number");
});
