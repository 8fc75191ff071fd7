import {
  audioWindow,
  conditions,
  emotion,
  identityFrame,
  maskedTarget,
  temporalAttention,
} from "@prosopon/conditioning";
import { diffusionLoss, linearSchedule, unet, unetConfig } from "@prosopon/core-diffusion";
import { concat, type Graph, gradients, type Tensor, tensor, type Value } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { encode, vqganConfig } from "@prosopon/vqgan";
import { describe, expect, test } from "vitest";
import { averaged, expectClose, fixture, fullRoot, haveFull, lazily, maximalError } from "./fixture.ts";
import { runGraph } from "./run-graph.ts";

const tiny = lazily(() => fixture(fullRoot, "talk-tiny"));
const prefix = "model.diffusion_model";

/** The conditions of the thesis' talking face, in its order and under its names. */
const told = () => {
  const {
    class_embed_dim: size,
    audio_dim: features,
    latent_hw: [height, width],
  } = tiny().config;
  return conditions(
    {
      emotion: emotion({ count: 8, size, null: "row" }),
      audio: audioWindow({ before: 4, after: 4, features, encode: "temporal-attention" }),
      masked: maskedTarget({ height, width }),
      identity: identityFrame({ height, width }),
    },
    { places: { emotion: "cond_stage_model_1", audio: "cond_stage_model_2" } },
  );
};

const feedsOf = (labels: Tensor, audio: Tensor, latents: { readonly masked: Tensor; readonly identity: Tensor }) => ({
  "emotion/label": labels,
  "audio/window": audio,
  "masked/latents": latents.masked,
  "identity/latents": latents.identity,
});

/** Halves of [B, 6, h, w] along its channels. */
function halves(channels: Tensor): { readonly masked: Tensor; readonly identity: Tensor } {
  const [batch, , height, width] = channels.shape as [number, number, number, number];
  const size = 3 * height * width;
  const half = (part: number) =>
    tensor(
      "float32",
      [batch, 3, height, width],
      Float32Array.from({ length: batch * size }, (_, i) => {
        const sample = Math.floor(i / size);
        return channels.data[sample * 2 * size + part * size + (i % size)] as number;
      }),
    );
  return { masked: half(0), identity: half(1) };
}

function lossOf(g: Graph, { z, t, noise }: Readonly<Record<string, Value>>, droppable: readonly "emotion"[] = []) {
  const config = unetConfig(tiny().config.unet);
  const top = scope(g);
  const injected = told().encode(top, { batch: z!.shape[0]!, droppable }).injected();
  const loss = diffusionLoss({
    schedule: linearSchedule(),
    latent: z!,
    time: t!,
    noise: noise!,
    predict: (x, time) =>
      unet(scope(g, prefix), { x: concat([x, injected.channels!], 1), t: time, context: injected.tokens! }, config),
  });
  return { ...loss, injected };
}

describe.skipIf(!haveFull())("talk-tiny (PROSOPON_FIXTURES)", () => {
  test("audio-attention: scores, weights and token", async () => {
    const { in: given, out, tolerance } = tiny().case("audio-attention");
    const found = await runGraph(given, tiny().weights, (g, { audio }) => {
      const { token, scores, weights } = temporalAttention(scope(g, "cond_stage_model_2"), audio!);
      return { out: token, conv_scores: scores, weights };
    });
    for (const key of Object.keys(out)) expectClose(key, found[key]!, out[key]!, tolerance(key));
  });

  test("audio-attention-v2: the expanded token of character logits", async () => {
    const { in: given, out, tolerance } = tiny().case("audio-attention-v2");
    const weights = new Map(
      Object.entries(given).flatMap(([key, value]) => (key.startsWith("w.") ? [[key.slice(2), value] as const] : [])),
    );
    const found = await runGraph({ audio: given["audio"]! }, weights, (g, { audio }) => ({
      out: temporalAttention(scope(g), audio!, { expand: true }).token,
    }));
    expectClose("out", found["out"]!, out["out"]!, tolerance("out"));
  });

  test("classes: every label, and the null label is row 8", async () => {
    const { out, tolerance } = tiny().case("classes");
    const encoder = emotion({ count: 8, size: tiny().config.class_embed_dim, null: "row" });
    const labels = [0, 1, 2, 3, 4, 5, 6, 7];
    const found = await runGraph(
      {},
      tiny().weights,
      (g) => {
        const { code, absent } = encoder.encode(scope(g, "cond_stage_model_1"), { batch: 8, name: "emotion" });
        return { code, absent };
      },
      await encoder.feeds(labels, { name: "emotion" }),
    );
    const size = out["null"]!.data.length;
    const expected = out["forward"]!.data as Float32Array;
    expectClose("labels", found["code"]!, expected.subarray(0, 8 * size), tolerance("forward"));
    expectClose("null", (found["absent"]!.data as Float32Array).subarray(0, size), out["null"]!, tolerance("null"));
    expectClose("row 8", expected.subarray(8 * size), out["null"]!, tolerance("null"));
    await expect(encoder.feeds([8], { name: "emotion" })).rejects.toThrow("from 0 to 7");
  });

  test("unet: the noisy latent before the given channels", async () => {
    const { in: given, out, tolerance } = tiny().case("unet");
    const predict = (weights: ReadonlyMap<string, Tensor>, swapped = false) =>
      runGraph(given, weights, (g, { x, t, c_concat, c_crossattn }) => {
        const parts = swapped ? [c_concat!, x!] : [x!, c_concat!];
        const inputs = { x: concat(parts, 1), t: t!, context: c_crossattn! };
        return { eps: unet(scope(g, prefix), inputs, unetConfig(tiny().config.unet)) };
      });
    const live = await predict(tiny().weights);
    expectClose("eps", live["eps"]!, out["eps"]!, tolerance("eps"));
    const shadow = await predict(averaged(tiny().weights));
    expectClose("eps_ema", shadow["eps"]!, out["eps_ema"]!, tolerance("eps_ema"));
    const wrong = await predict(tiny().weights, true);
    expect(maximalError(wrong["eps"]!.data, out["eps"]!.data)).toBeGreaterThan(100 * tolerance("eps"));
  });

  test("context: pictures, labels and audio become latents, token, channels and loss", async () => {
    const { in: given, out, tolerance } = tiny().case("context");
    const stage = vqganConfig(tiny().config.first_stage);
    const images = {
      image: given["image"]!,
      masked_image: given["masked_image"]!,
      identity_image: given["identity"]!,
    };
    const latents = await runGraph(images, tiny().weights, (g, { image, masked_image, identity_image }) => {
      const place = scope(g, "first_stage_model");
      return {
        z: encode(place, image!, stage),
        masked: encode(place, masked_image!, stage),
        identity: encode(place, identity_image!, stage),
      };
    });
    expectClose("z", latents["z"]!, out["z"]!, tolerance("z"));
    const found = await runGraph(
      { z: latents["z"]!, t: given["t"]!, noise: given["noise"]! },
      tiny().weights,
      (g, inputs) => {
        const { loss, injected } = lossOf(g, inputs);
        return { loss, c_crossattn: injected.tokens!, c_concat: injected.channels! };
      },
      feedsOf(given["class_label"]!, given["audio"]!, { masked: latents["masked"]!, identity: latents["identity"]! }),
    );
    for (const key of ["c_crossattn", "c_concat", "loss"]) expectClose(key, found[key]!, out[key]!, tolerance(key));
  });

  test("train: gradients through the audio attention and the embedding, with and without the emotion", async () => {
    const { in: given, out, params, tolerance } = tiny().case("train");
    const names = params["named"] as string[];
    const feeds = { z: given["A.z"]!, t: given["A.t"]!, noise: given["A.noise"]! };
    const found = async (dropped: 0 | 1) =>
      runGraph(
        feeds,
        tiny().weights,
        (g, inputs) => {
          const { loss } = lossOf(g, inputs, ["emotion"]);
          const found = gradients(
            loss,
            names.map((name) => g.parameters.find((p) => p.name === name)!),
          );
          return { loss, ...Object.fromEntries(names.map((name, i) => [`grad.${name}`, found[i]!])) };
        },
        {
          ...feedsOf(given["A.labels"]!, given["A.audio"]!, halves(given["A.c_concat"]!)),
          "emotion/dropped": tensor("bool", [3], [dropped, dropped, dropped]),
        },
      );
    const kept = await found(0);
    expectClose("loss", kept["loss"]!, out["A.loss"]!, tolerance("A.loss"));
    for (const name of names)
      expectClose(name, kept[`grad.${name}`]!, out[`A.grad.${name}`]!, tolerance(`A.grad.${name}`));
    // Dropped, only the null row learns.
    const table = (await found(1))["grad.cond_stage_model_1.embedding.weight"]!.data as Float32Array;
    const size = table.length / 9;
    expect(table.subarray(0, 8 * size).every((v) => v === 0)).toBe(true);
    expect(table.subarray(8 * size).some((v) => v !== 0)).toBe(true);
  });
});
