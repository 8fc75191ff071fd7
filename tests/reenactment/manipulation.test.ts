import { unetConfig } from "@prosopon/core-diffusion";
import type { Tensor } from "@prosopon/graph";
import { createEditor, type EditEvent, finish } from "@prosopon/reenactment";
import { createHost } from "@prosopon/runtime/node";
import { vqganConfig } from "@prosopon/vqgan";
import { expect, test } from "vitest";
import { averaged, expectClose, fixture, maximalError, microRoot } from "../reference/fixture.ts";

const micro = fixture(microRoot, "ldm-micro");
const weights = averaged(micro.weights);
const stage = "first_stage_model.";
const emotions = ["neutral", "happy", "sad", "surprised", "fear", "disgusted", "angry", "contempt"];

const denoiser = {
  config: {
    unet: unetConfig(micro.config.unet),
    emotions,
    embeddingSize: micro.config.class_embed_dim,
    parameterization: "epsilon",
    schedule: {
      linear_start: micro.config.linear_start,
      linear_end: micro.config.linear_end,
      timesteps: micro.config.timesteps,
    },
    scaleFactor: micro.config.scale_factor,
  },
  parameters: Object.fromEntries(weights),
} as const;
const firstStage = {
  config: vqganConfig(micro.config.first_stage),
  parameters: Object.fromEntries(
    [...weights].flatMap(([name, value]) => (name.startsWith(stage) ? [[name.slice(stage.length), value]] : [])),
  ),
};

const rows = ({ data }: Tensor, count: number, index: number) => {
  const length = data.length / count;
  return Array.from(data.slice(index * length, (index + 1) * length), Number);
};
/** Samplers yield x̂₀; the states between are recorded, so the last one of each way is compared and the pictures. */
const toUnit = (data: ArrayLike<number | bigint>) =>
  Array.from(data, (v) => Math.min(1, Math.max(0, (Number(v) + 1) / 2)));

test.each(["manip-g1", "manip-g2"])("%s: inversion, sampling and pictures of the original", async (name) => {
  const recorded = micro.case(name);
  const { in: given, out, params, tolerance } = recorded;
  await using host = await createHost({ kind: "in-process", threads: 1 });
  await using editor = await createEditor({ host, firstStage, denoiser });
  const steps = params["S"] as number;
  const events: EditEvent[] = [];
  const result = await finish(
    editor.edit({
      image: given["image"] as Tensor<"float32">,
      from: emotions[Number(given["src"]!.data[0])]!,
      to: emotions[Number(given["trg"]!.data[0])]!,
      strength: 1000 * (params["strength"] as number),
      steps,
      sampler: "ddim",
      guidance: params["gamma"] as number,
    }),
    (event) => events.push(event),
  );
  const { clean, noisy, edited } = result.latents;
  const times = events.map((event) => event.time);
  expect(times.slice(0, steps)).toEqual(Array.from(out["timesteps"]!.data, Number));
  expect(times.slice(steps)).toEqual(times.slice(0, steps).reverse());
  expectClose(`${name} z`, clean, out["z"]!, tolerance("z"));
  expectClose(`${name} x_lat`, noisy, out["x_lat"]!, tolerance("x_lat"));
  expectClose(`${name} forward`, noisy, rows(out["forward_states"]!, steps, steps - 1), tolerance("forward_states"));
  expectClose(`${name} x_rec`, edited, out["x_rec"]!, tolerance("x_rec"));
  expectClose(`${name} decode_x_rec`, result.image, out["decode_x_rec"]!, tolerance("decode_x_rec"));
  expectClose(`${name} image_rec`, toUnit(result.image.data), out["image_rec"]!, tolerance("image_rec"));
  expectClose(`${name} image_x0`, toUnit(result.reconstruction.data), out["image_x0"]!, tolerance("image_x0"));
  expect(maximalError(edited.data, clean.data)).toBeGreaterThan(100 * tolerance("x_rec"));
});
