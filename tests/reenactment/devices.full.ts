import { fileURLToPath } from "node:url";
import { sample } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { type Tensor, tensor } from "@prosopon/graph";
import { fromPlanar, image, toPlanar } from "@prosopon/media";
import { peakSignalToNoise } from "@prosopon/metrics";
import { openModelFolder } from "@prosopon/models/node";
import { createEditor, type EditResult, finish } from "@prosopon/reenactment";
import { createHost, devices } from "@prosopon/runtime/node";
import { openWeights } from "@prosopon/weights/node";
import { expect, test } from "vitest";

// As in packages/runtime/src/node/webgpu.full.ts, any Vulkan will do.
const webgpu = (await devices()).find(({ name }) => name === "webgpu");
const reason = webgpu?.available ? "" : ` (skipped: ${webgpu?.reason})`;

const side = 128;
const folder = (name: string) => fileURLToPath(new URL(`../../models/${name}`, import.meta.url));
const models = async () => ({
  denoiser: await openModelFolder(folder("reenactment-portraits"), { kind: "reenactment" }),
  firstStage: await openModelFolder(folder("first-stage-portraits"), { kind: "first-stage" }),
});

async function edits(
  device: "cpu" | "webgpu",
  { denoiser, firstStage }: Awaited<ReturnType<typeof models>>,
): Promise<readonly EditResult[]> {
  await using host = await createHost({ device, kind: "in-process" });
  await using editor = await createEditor({
    host,
    firstStage: { config: firstStage.manifest.config, parameters: firstStage.parameters },
    denoiser: { config: denoiser.manifest.config, parameters: denoiser.parameters },
  });
  const planes = toPlanar(image(side, side, 3, render(sample({ seed: 4, index: 2 }), { size: side }).image.data));
  return await finish(
    editor.editAll({
      image: tensor("float32", [1, 3, side, side], planes),
      from: "neutral",
      to: ["happy", "angry"],
      strength: 500,
      steps: 4,
      guidance: 5,
      sampler: "ancestral",
      seed: 11,
    }),
  );
}

/** The nearest code of each place of latents [1, C, h, w]. */
function codesOf({ shape, data }: EditResult["image"], codebook: Tensor, scale: number): number[] {
  const [, channels, height, width] = shape as [number, number, number, number];
  const area = height * width;
  return Array.from({ length: area }, (_, place) => {
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    for (let code = 0; code < codebook.shape[0]!; code++) {
      let distance = 0;
      for (let c = 0; c < channels; c++)
        distance += (data[c * area + place]! / scale - Number(codebook.data[code * channels + c])) ** 2;
      if (distance < least) [best, least] = [code, distance];
    }
    return best;
  });
}

test.skipIf(!webgpu?.available)(`the same seed gives the same picture on CPU and WebGPU${reason}`, async () => {
  const opened = await models();
  const [own, theirs] = [await edits("cpu", opened), await edits("webgpu", opened)];
  const { scaleFactor } = opened.denoiser.manifest.config;
  await using weights = await openWeights(`${folder("first-stage-portraits")}/model.safetensors`);
  const codebook = await weights.read("quantize.embedding.weight");
  const codes = (one: EditResult) => codesOf(one.latents.edited, codebook, scaleFactor);
  for (const [i, one] of own.entries()) {
    const other = theirs[i]!;
    for (const latents of ["clean", "noisy", "edited"] as const) {
      const far = one.latents[latents].data.map((v, at) => Math.abs(v - other.latents[latents].data[at]!));
      expect(Math.max(...far), latents).toBeLessThan(1e-3);
    }
    const [a, b] = [codes(one), codes(other)];
    expect(a.filter((code, at) => code !== b[at]).length / a.length).toBeLessThanOrEqual(0.005);
    const [reference, picture] = [one, other].map((result) => fromPlanar(result.image.data, side, side));
    expect(peakSignalToNoise({ reference: reference!, image: picture! })).toBeGreaterThan(40);
  }
  // The control: another emotion is another picture.
  const [happy, angry] = own.map((result) => fromPlanar(result.image.data, side, side));
  expect(peakSignalToNoise({ reference: happy!, image: angry! })).toBeLessThan(35);
});
