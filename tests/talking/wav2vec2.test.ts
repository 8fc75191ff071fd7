import { readFileSync } from "node:fs";
import {
  type Wav2Vec2Config,
  wav2vec2,
  wav2vec2Base,
  wav2vec2Features,
  wav2vec2LargeLetters,
  wav2vec2Weights,
} from "@prosopon/conditioning";
import { checkAudioFeatures } from "@prosopon/conditioning/testing";
import { type Tensor, tensor } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import type { Host, Program } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectClose, lazily, maximalError, microRoot, readTensors } from "../reference/fixture.ts";
import { runGraph } from "../reference/run-graph.ts";

const config: Wav2Vec2Config = {
  convolutions: [
    [16, 10, 5],
    [16, 3, 2],
    [16, 2, 2],
  ],
  width: 24,
  layers: 2,
  heads: 4,
  inner: 40,
  positionKernel: 8,
  positionGroups: 4,
  labels: 32,
};
const large: Wav2Vec2Config = { ...config, layers: 3, labels: 29 };

const recorded = (name: string) =>
  lazily(() => {
    const { tensors, metadata } = readTensors(`${microRoot}/wav2vec2/${name}.safetensors`);
    const weights = new Map(
      [...tensors].flatMap(([key, value]) => (key.startsWith("w.") ? [[key.slice(2), value] as const] : [])),
    );
    const of = (key: string) => tensors.get(key) as Tensor<"float32">;
    return { weights, of, waveform: of("in.waveform").data, frames: Number(metadata["frames"]) };
  });
const huggingFace = recorded("hugging-face");
const torchaudio = recorded("torchaudio");

let host: Host;
beforeAll(async () => {
  host = await createHost({ kind: "in-process", threads: 1 });
});
afterAll(() => host[Symbol.asyncDispose]());

/** Frames per second at which the recording fills exactly so many frames. */
const rateOf = (waveform: Float32Array, frames: number) => (frames * 16000) / waveform.length;

test("Hugging Face's network: extracted vectors, hidden states and logits", async () => {
  const { weights, of } = huggingFace();
  const parameters = new Map(Object.entries(wav2vec2Weights(weights, config))) as ReadonlyMap<string, Tensor>;
  const found = await runGraph({ waveform: of("out.normalised") }, parameters, (g, { waveform }) => {
    const { extracted, hidden, logits } = wav2vec2(scope(g), waveform!, config);
    return { extracted, hidden, logits: logits! };
  });
  for (const key of ["extracted", "hidden", "logits"]) expectClose(key, found[key]!, of(`out.${key}`), 2e-5);
});

test("hidden states: normalised sound, vectors interpolated before the transformer", async () => {
  const { weights, of, waveform, frames } = huggingFace();
  await using features = wav2vec2Features({ kind: "hidden", host, weights, config });
  expect(features).toMatchObject({
    name: "wav2vec2-base-hidden",
    size: 24,
    lookAheadSeconds: Number.POSITIVE_INFINITY,
  });
  expect(features.stream).toBeUndefined();
  const found = await features.extract(waveform, frames, rateOf(waveform, frames));
  expect(found.shape).toEqual([frames, 24]);
  expectClose("hidden", found, of("out.hidden_at_frames"), 2e-5);
  // Loudness and a constant offset leave no trace.
  const louder = await features.extract(
    waveform.map((v) => 3 * v - 0.1),
    frames,
    rateOf(waveform, frames),
  );
  expectClose("louder", louder, found, 1e-3);
});

test("the CTC head: normalised sound, logits interpolated after the transformer", async () => {
  const { weights, of, waveform, frames } = huggingFace();
  await using features = wav2vec2Features({ kind: "ctc", host, weights, config });
  const found = await features.extract(waveform, frames, rateOf(waveform, frames));
  expect(features).toMatchObject({ name: "wav2vec2-base-ctc", size: 32 });
  expectClose("logits", found, of("out.logits_at_frames"), 3e-5);
});

test("torchaudio's letters: raw sound, its names, its unused characters dropped", async () => {
  const { weights, of, waveform, frames } = torchaudio();
  await using features = wav2vec2Features({ kind: "letters", host, weights, config: large });
  const found = await features.extract(waveform, frames, rateOf(waveform, frames));
  expect(features).toMatchObject({ name: "wav2vec2-large-letters", size: 29 });
  expectClose("logits", found, of("out.logits_at_frames"), 3e-5);
  // Raw: very quiet sound drowns in the epsilon of the first normalisation, where normalised sound would not.
  const quiet = await features.extract(
    waveform.map((v) => 1e-3 * v),
    frames,
    rateOf(waveform, frames),
  );
  expect(maximalError(quiet.data, found.data)).toBeGreaterThan(0.01);
});

test("the published sizes: every parameter is found under its public name in its shape, and only one tensor is left over", () => {
  const names = JSON.parse(readFileSync(`${microRoot}/wav2vec2/names.json`, "utf8")) as Record<
    string,
    Record<string, number[]>
  >;
  const check = (which: string, network: Wav2Vec2Config, left: readonly string[], replaced: readonly string[]) => {
    const entries = Object.entries(names[which]!);
    // Bytes in a file where only the shape matters; numbers where they are changed.
    const weights = new Map(
      entries.map(([name, shape]) => [
        name,
        replaced.some((part) => name.endsWith(part))
          ? tensor("float32", shape)
          : { file: name, offset: 0, length: 0, dtype: "float32" as const, shape },
      ]),
    );
    const found = wav2vec2Weights(weights, network);
    const used = new Set(Object.values(found).flatMap((value) => ("file" in value ? [value.file] : [])));
    const rest = entries
      .map(([name]) => name)
      .filter((name) => !used.has(name) && !replaced.some((p) => name.endsWith(p)));
    expect(rest).toEqual(left);
    return Object.values(found).reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0);
  };
  const changed = ["weight_g", "weight_v"];
  const mask = ["wav2vec2.masked_spec_embed"];
  expect(check("hugging-face base", { ...wav2vec2Base, labels: 32 }, mask, changed)).toBe(94_395_424);
  expect(check("hugging-face base", wav2vec2Base, [...mask, "lm_head.weight", "lm_head.bias"], changed)).toBe(
    94_370_816,
  );
  expect(check("torchaudio large", wav2vec2LargeLetters, [], [...changed, "aux.weight", "aux.bias"])).toBe(315_457_565);
});

test("a long recording in pieces nearly equals the whole, and each shape is loaded once in a row", async () => {
  const { weights } = huggingFace();
  const waveform = Float32Array.from(
    { length: 16000 },
    (_, i) => Math.sin(i / 9 + Math.sin(i / 700)) * Math.sin(i / 1500),
  );
  await using whole = wav2vec2Features({ kind: "hidden", host, weights, config });
  const loaded: Program[] = [];
  const counting: Host = {
    ...host,
    load: (program, options) => {
      loaded.push(program);
      return host.load(program, options);
    },
  };
  await using pieces = wav2vec2Features({
    kind: "hidden",
    host: counting,
    weights,
    config,
    pieceSeconds: 0.2,
    marginSeconds: 0.12,
  });
  const [a, b] = [await whole.extract(waveform, 25, 25), await pieces.extract(waveform, 25, 25)];
  expect(loaded).toHaveLength(3);
  const spread = Math.sqrt(a.data.reduce((sum, v) => sum + v * v, 0) / a.data.length);
  const error = Math.sqrt(a.data.reduce((sum, v, i) => sum + (v - b.data[i]!) ** 2, 0) / a.data.length);
  expect(error).toBeGreaterThan(0);
  expect(error).toBeLessThan(0.25 * spread);
});

test("sound of other lengths: stretched within a frame, else cut or followed by silence; nothing at all is silence", async () => {
  const { weights, waveform } = torchaudio();
  await using features = wav2vec2Features({ kind: "letters", host, weights, config: large });
  const padded = new Float32Array(6400);
  padded.set(waveform);
  expect(await features.extract(waveform, 10, 25)).toEqual(await features.extract(padded, 10, 25));
  expect(await features.extract(padded, 3, 25)).toEqual(await features.extract(padded.slice(0, 1920), 3, 25));
  const one = await features.extract(Float32Array.of(0.5), 1, 25);
  expect(one.shape).toEqual([1, 29]);
  expect(one.data.every(Number.isFinite)).toBe(true);
  expect((await features.extract(new Float32Array(0), 0, 25)).shape).toEqual([0, 29]);
});

test("it conforms, whatever its kind", async () => {
  const sound = Float32Array.from({ length: 6_000 }, (_, i) => 0.3 * Math.sin(i / 9) * Math.sin(i / 700));
  await using hidden = wav2vec2Features({ kind: "hidden", host, weights: huggingFace().weights, config });
  await checkAudioFeatures(hidden, sound);
  await using letters = wav2vec2Features({ kind: "letters", host, weights: torchaudio().weights, config: large });
  await checkAudioFeatures(letters, sound);
});

test("weights and sound that do not fit are named", async () => {
  const { weights, waveform } = huggingFace();
  const rest = new Map(weights);
  rest.delete("wav2vec2.encoder.layers.1.attention.q_proj.weight");
  expect(() => wav2vec2Weights(rest, config)).toThrow('no "encoder.layers.1.attention.q_proj.weight"');
  expect(() => wav2vec2Weights(weights, { ...config, inner: 41 })).toThrow("is [40,24], but this network has [41,24]");
  const headless = new Map([...weights].filter(([name]) => !name.startsWith("lm_head")));
  expect(() => wav2vec2Features({ kind: "ctc", host, weights: headless, config })).toThrow("knows no characters");
  await using features = wav2vec2Features({ kind: "hidden", host, weights: headless, config });
  const broken = waveform.slice();
  broken[3] = Number.NaN;
  await expect(features.extract(broken, 2, 20)).rejects.toThrow("Sample 3 of the sound is NaN");
  await expect(features.extract(waveform, 2, 20, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "cancelled",
  });
  // And after failures it still works.
  expect((await features.extract(waveform, 2, 20)).shape).toEqual([2, 24]);
});
