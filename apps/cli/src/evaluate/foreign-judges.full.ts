import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sample } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { graph, input, tensor } from "@prosopon/graph";
import { image } from "@prosopon/media";
import { type Expert, initialize, scope } from "@prosopon/nn";
import { createExpertRunner, efficientNet, iresnet } from "@prosopon/perception";
import type { Host } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { writeWeights } from "@prosopon/weights/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isWeightsFile, openHsemotion, openIresnet } from "./foreign-judges.ts";
import { planesOf } from "./open-judges.ts";

let host: Host;
let root = "";
beforeAll(async () => {
  host = await createHost({ kind: "in-process", threads: 1 });
  root = await mkdtemp(join(tmpdir(), "foreign-judges-"));
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await rm(root, { recursive: true });
});

/** Made-up weights by the names of the network's own, in a file beside one tensor that is not the network's. */
async function written(expert: Expert) {
  const place = scope(graph());
  const { height, width } = expert.input;
  expert.features(place, expert.preprocess(input(place.graph, "image", "float32", [1, 3, height, width])));
  const parameters = Object.fromEntries(initialize(place.parameters.values(), 3));
  const file = join(root, `${expert.name}.safetensors`);
  await writeWeights(
    file,
    new Map([...Object.entries(parameters), ["bn1.num_batches_tracked", tensor("float32", [1])]]),
  );
  return { file, parameters };
}

const picture = () => {
  const { data } = render(sample({ seed: 5, index: 1, split: "test", speaking: 0 })).image;
  return planesOf(image(128, 128, 3, data));
};

test("HSEmotion by its weights: size and classes are told by the last layer, answers are the network's", async () => {
  const expert = efficientNet({ size: "b0", classes: 8 });
  const { file, parameters } = await written(expert);
  await using judge = await openHsemotion(host, file);
  expect(judge.classes).toEqual(["angry", "contempt", "disgusted", "scared", "happy", "neutral", "sad", "surprised"]);
  expect(judge.note).toMatch(/efficientnet-b0 of 8 classes \(sha256 [0-9a-f]{12}\).*224 x 224/);
  await using known = createExpertRunner({ host, expert, parameters });
  const [found, expected] = [await judge.run(picture()), await known.run(picture())];
  expect(found.data).toEqual(expected.data);
  expect(new Set(found.data).size).toBe(8);
});

test("insightface by its weights: the depth is told by the blocks", async () => {
  const expert = iresnet({ depth: "r18", size: 64 });
  const { file, parameters } = await written(expert);
  await using judge = await openIresnet(host, file);
  expect(judge.note).toContain("iresnet-r18 (sha256 ");
  await using known = createExpertRunner({ host, expert, parameters });
  expect((await judge.run(picture())).data).toEqual((await known.run(picture())).data);
  // Each is refused as the other.
  await expect(openHsemotion(host, file)).rejects.toMatchObject({ code: "bad-file" });
  await expect(openIresnet(host, join(root, "efficientnet-b0.safetensors"))).rejects.toMatchObject({
    code: "bad-file",
  });
});

test("a file of weights is told from a model's name", async () => {
  expect(["judge.pth", "a/b.safetensors", "emotion-judge-portraits", "models/mine"].map(isWeightsFile)).toEqual([
    true,
    true,
    false,
    false,
  ]);
  await writeFile(join(root, "broken.safetensors"), "no weights");
  await expect(openHsemotion(host, join(root, "broken.safetensors"))).rejects.toMatchObject({ code: "bad-file" });
  await expect(openIresnet(host, join(root, "absent.pth"))).rejects.toMatchObject({ code: "not-found" });
});
