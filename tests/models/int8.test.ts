import { fileURLToPath } from "node:url";
import { sample } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { tensor } from "@prosopon/graph";
import { fromPlanar, toPlanar } from "@prosopon/media";
import { peakSignalToNoise } from "@prosopon/metrics";
import { openModel } from "@prosopon/models/node";
import { createEditor, finish, type Planes } from "@prosopon/reenactment";
import { createHost } from "@prosopon/runtime/node";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL("../../models", import.meta.url));
const picture = ({ data }: Planes) => fromPlanar(data, 128, 128);

test("the default models in int8: pictures within 40 dB of float32, whole edits within 32 dB", async () => {
  const first = await openModel([folder], "first-stage-portraits", { kind: "first-stage" });
  const model = await openModel([folder], "reenactment-portraits", { kind: "reenactment" });
  await using host = await createHost({ kind: "in-process", threads: 1 });
  const networks = {
    host,
    firstStage: { config: first.manifest.config, parameters: first.parameters, ranges: first.ranges },
    denoiser: { config: model.manifest.config, parameters: model.parameters, ranges: model.ranges },
  };
  await using exact = await createEditor(networks);
  await using fast = await createEditor({ ...networks, precision: "int8" });
  // A person whom neither training nor calibration saw.
  const scene = sample({ seed: 12, index: 5, split: "test", speaking: 0 });
  const image = tensor("float32", [1, 3, 128, 128], toPlanar(render(scene, { size: 128 }).image));
  const given = { image, from: scene.emotion, to: "surprised", steps: 10, strength: 500 };
  const [wanted, found] = [await finish(exact.edit(given)), await finish(fast.edit(given))];
  const decibels = (a: Planes, b: Planes) => peakSignalToNoise({ reference: picture(a), image: picture(b) });
  expect(decibels(wanted.image, await fast.decode(wanted.latents.edited))).toBeGreaterThan(40);
  expect(decibels(wanted.image, found.image)).toBeGreaterThan(32);
  // What is compared changes much more by the edit itself.
  expect(decibels(wanted.image, wanted.reconstruction)).toBeLessThan(30);
});
