import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  decodeModel,
  encodeModel,
  gradients,
  input,
  mul,
  output,
  reduceSum,
  type Tensor,
  tensor,
} from "@prosopon/graph";
import { readImage, readSound } from "@prosopon/media/node";
import { cosine } from "@prosopon/metrics";
import { type Host, tensorOf } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = process.env["PROSOPON_DATA"] ?? "../shared/data";
const read = (path: string) => readFileSync(join(root, path));
const present = existsSync(join(root, "experts/mobileface_v1.onnx"));

let host: Host;
beforeAll(async () => {
  host = await createHost({ kind: "in-process", threads: 2 });
});
afterAll(() => host[Symbol.asyncDispose]());

/** Runs an expert through our own graph: decoded, encoded again, loaded. */
async function run(
  name: string,
  batch: Tensor<"float32">,
  feed: string,
  answer: string,
): Promise<readonly Float32Array[]> {
  const count = batch.shape[0]!;
  const model = encodeModel(decodeModel(read(`experts/${name}.onnx`), { dimensions: { N: count } }));
  await using session = await host.load({ model });
  const { shape, data } = tensorOf(await session.run({ [feed]: batch }), answer);
  const length = shape[1]!;
  return Array.from({ length: count }, (_, i) => (data as Float32Array).slice(i * length, (i + 1) * length));
}

/** Pictures of one size as [N, channels, H, W], every value mapped. */
async function stack(
  files: readonly string[],
  channels: 1 | 3,
  map: (value: number) => number,
): Promise<Tensor<"float32">> {
  const images = await Promise.all(files.map((file) => readImage(join(root, file))));
  const { width, height } = images[0]!;
  const plane = width * height;
  const result = new Float32Array(files.length * channels * plane);
  images.forEach((one, n) => {
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < plane; i++)
        result[(n * channels + c) * plane + i] = map(one.data[i * one.channels + Math.min(c, one.channels - 1)]!);
  });
  return tensor("float32", [files.length, channels, height, width], result);
}

describe.skipIf(!present)(`experts in ${root} on real faces (skipped where the data are absent)`, () => {
  test("MobileFace v1 gives its authors' own embeddings", async () => {
    const { rows } = JSON.parse(read("identity/mobileface_v1_rows.json").toString()) as {
      rows: Record<string, number>;
    };
    const theirs = read("identity/mobileface_v1_authors_features.txt")
      .toString()
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/\s+/).map(Number));
    const files = Object.keys(rows).filter((_, i) => i % 5 === 0);
    expect(files.length).toBe(40);
    const batch = await stack(
      files.map((name) => `identity/lfw100pairs/${name}`),
      1,
      (value) => (value - 127.5) / 127.5,
    );
    const ours = await run("mobileface_v1", batch, "data", "embedding");
    let [worst, between] = [0, 0];
    ours.forEach((embedding, i) => {
      const expected = theirs[rows[files[i]!]!]!;
      expect(embedding.length).toBe(expected.length);
      embedding.forEach((v, k) => {
        worst = Math.max(worst, Math.abs(v - expected[k]!));
      });
      between = Math.max(between, cosine(embedding, theirs[rows[files[(i + 1) % 40]!]!]!));
    });
    expect(worst).toBeLessThan(1e-5);
    // Control: the neighbour's embedding is another one.
    expect(between).toBeLessThan(0.99);
  });

  const outputs = present
    ? (JSON.parse(read("reference/expert_outputs.json").toString()) as {
        items: readonly {
          image: string;
          identity: string;
          embedding: readonly number[];
          emotion_probs: readonly number[];
        }[];
        /** Of the embeddings, four digits. */
        cosine: readonly (readonly number[])[];
      })
    : { items: [], cosine: [] };

  test("MobileFace v2 gives what it gives elsewhere, and tells people apart", async () => {
    const { items } = outputs;
    const batch = await stack(
      items.map(({ image }) => `reference/arc112/${image}`),
      3,
      (value) => value,
    );
    const ours = await run("mobileface_v2", batch, "data", "embedding");
    const scale = Math.max(...items.flatMap(({ embedding }) => embedding.map(Math.abs)));
    ours.forEach((embedding, i) => {
      items[i]!.embedding.forEach((v, k) => void expect(Math.abs(v - embedding[k]!) / scale).toBeLessThan(1e-4));
    });
    const pairs = ours.flatMap((a, i) =>
      ours.slice(i + 1).map((b, k) => ({
        same: items[i]!.identity === items[i + 1 + k]!.identity,
        similarity: cosine(a, b),
        expected: outputs.cosine[i]![i + 1 + k]!,
      })),
    );
    for (const { similarity, expected } of pairs) expect(Math.abs(similarity - expected)).toBeLessThan(1e-4);
    const mean = (same: boolean) => {
      const some = pairs.filter((pair) => pair.same === same);
      return some.reduce((sum, { similarity }) => sum + similarity, 0) / some.length;
    };
    expect(mean(true)).toBeGreaterThan(mean(false) + 0.3);
  });

  test("the emotion network gives what it gives elsewhere", async () => {
    const { items } = outputs;
    const planes = await stack(
      items.map(({ image }) => `reference/gray64/${image}`),
      1,
      (value) => (value / 255 - 0.5) * 2,
    );
    // One channel: [N, 1, 64, 64] and [N, 64, 64, 1] are the same numbers.
    const ours = await run(
      "bigxception_fer2013",
      tensor("float32", [items.length, 64, 64, 1], planes.data),
      "input",
      "probs",
    );
    ours.forEach((probabilities, i) => {
      items[i]!.emotion_probs.forEach((p, k) => void expect(probabilities[k]).toBeCloseTo(p, 4));
    });
    expect(new Set(ours.map((p) => p.indexOf(Math.max(...p)))).size).toBeGreaterThan(1);
  });

  test("the voice detector, whose graph branches and remembers, runs as it is", async () => {
    const known = JSON.parse(read("reference/silero_spk1_snt1.json").toString()) as {
      file: string;
      window: number;
      context: number;
      probs: readonly number[];
    };
    const sound = await readSound(join(root, known.file));
    expect(sound.sampleRate).toBe(16_000);
    await using session = await host.load({ model: read("experts/silero_vad_16k.onnx") });
    let state = tensor("float32", [2, 1, 128]) as Tensor;
    const { window, context, probs } = known;
    const worst = { difference: 0 };
    for (const [step, expected] of probs.entries()) {
      const samples = new Float32Array(context + window);
      const from = step * window - context;
      for (let i = 0; i < samples.length; i++) samples[i] = sound.channels[0]![from + i] ?? 0;
      const found = await session.run({
        input: tensor("float32", [1, samples.length], samples),
        state,
        sr: tensor("int64", [], BigInt64Array.of(16_000n)),
      });
      state = tensorOf(found, "stateN");
      const [probability] = tensorOf(found, "output").data as Float32Array;
      worst.difference = Math.max(worst.difference, Math.abs(probability! - expected));
    }
    // Six digits are stored.
    expect(worst.difference).toBeLessThan(2e-5);
    expect(Math.min(...probs)).toBeLessThan(0.1);
  });

  test("an expert that came as ONNX is differentiable by its picture", async () => {
    const graph = decodeModel(read("experts/mobileface_v1.onnx"), { dimensions: { N: 1 } });
    const [picture] = graph.inputs;
    const embedding = graph.outputs.get("embedding")!;
    const loss = reduceSum(mul(embedding, input(graph, "other", "float32", embedding.shape)));
    output(graph, "loss", loss);
    output(graph, "gradient", gradients(loss, [picture!])[0]!);
    await using session = await host.load({ model: encodeModel(graph) });
    const files = ["Aaron_Peirsol_0002.jpg", "Aaron_Sorkin_0001.jpg"].map((name) => `identity/lfw100pairs/${name}`);
    const faces = await stack(files, 1, (value) => (value - 127.5) / 127.5);
    const pixels = 100 * 100;
    const face = (data: Float32Array) => tensor("float32", [1, 1, 100, 100], data);
    const first = faces.data.slice(0, pixels);
    const [target] = await run("mobileface_v1", face(faces.data.slice(pixels)), "data", "embedding");
    const other = tensor("float32", [1, 256], target!);
    const evaluate = async (data: Float32Array) => session.run({ data: face(data), other });
    const gradient = tensorOf(await evaluate(first), "gradient").data as Float32Array;
    const length = Math.hypot(...gradient);
    expect(length).toBeGreaterThan(0);
    // Along the gradient the cosine rises by its length times the step.
    const step = 0.005;
    const value = async (sign: number) => {
      const moved = first.map((v, i) => v + (sign * step * gradient[i]!) / length);
      return tensorOf(await evaluate(moved), "loss").data[0] as number;
    };
    const rise = ((await value(1)) - (await value(-1))) / (2 * step);
    expect(Math.abs(rise / length - 1)).toBeLessThan(0.05);
  });
});
