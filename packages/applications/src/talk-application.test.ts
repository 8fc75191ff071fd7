import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApplicationContext, ApplicationFrame, Artifact } from "@prosopon/jobs";
import { writeWav } from "@prosopon/media";
import { writeModel } from "@prosopon/models/node";
import { microManifest, microParameters } from "@prosopon/models/testing";
import { read } from "@prosopon/provenance";
import { afterAll, beforeAll, expect, test } from "vitest";
import { talkApplication } from "./talk-application.ts";

let root = "";
// No such program: the film is an animated WebP, which every machine writes alike.
const application = () =>
  talkApplication({ folders: [join(root, "models")], version: "1", ffmpeg: join(root, "none") });
let talk: ReturnType<typeof application>;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "prosopon-talk-"));
  for (const kind of ["first-stage", "talking-face"] as const) {
    const manifest = microManifest(kind, { name: `micro-${kind}` });
    await writeModel(join(root, "models"), { manifest, parameters: microParameters(manifest) });
  }
  talk = application();
});
afterAll(async () => {
  await talk.close?.();
  await rm(root, { recursive: true });
});

const samples = Float32Array.from({ length: 16_000 * 1.2 }, (_, i) => 0.3 * Math.sin(i / 9) * Math.sin(i / 900));
const speech = { bytes: writeWav({ sampleRate: 16_000, channels: [samples] }, { encoding: "f32" }), mime: "audio/wav" };
async function* arriving() {
  for (let at = 0; at < samples.length; at += 1000) yield samples.slice(at, at + 1000);
}

async function run(
  input: Readonly<Record<string, unknown>>,
  context: Partial<ApplicationContext> = {},
): Promise<{ frames: ApplicationFrame[]; artifact: Artifact }> {
  const folder = await mkdtemp(join(root, "run-"));
  const { signal } = new AbortController();
  const given = talk.input.parse({ person: 3, ...input });
  const events = talk.run(given, { device: "cpu", folder, signal, ...context });
  const frames: ApplicationFrame[] = [];
  for (;;) {
    const { done, value } = await events.next();
    if (done) return { frames, artifact: value };
    if (value.event === "frame") frames.push(value);
  }
}

test("a recording becomes frames at the model's rate and a marked film; live speech the same frames", async () => {
  const { frames, artifact } = await run({ speech });
  expect(frames.map(({ index, pts }) => [index, pts])).toEqual(Array.from({ length: 30 }, (_, k) => [k, k / 25]));
  expect(frames.filter(({ state }) => state).map(({ index }) => index)).toEqual([24]);
  expect(read(artifact.bytes)?.kind).toBe("trainedAlgorithmicMedia");
  expect(artifact).toMatchObject({ mime: "image/webp", table: { frames: 30, videoFrameRate: 25, warnings: [] } });
  const live = await run({ live: true }, { live: arriving() });
  expect(live.frames.map(({ bytes }) => bytes)).toEqual(frames.map(({ bytes }) => bytes));
  expect(live.artifact.bytes).toEqual(artifact.bytes);
});

test("a run that goes on from a state gives the frames that are missing, and the whole film", async () => {
  const whole = await run({ speech });
  const { index, state } = whole.frames.find((frame) => frame.state)!;
  const resume = { index, state: state! };
  for (const rest of [await run({ speech }, { resume }), await run({ live: true }, { resume, live: arriving() })]) {
    expect(rest.frames.map((frame) => frame.index)).toEqual([25, 26, 27, 28, 29]);
    expect(rest.frames.map(({ bytes }) => bytes)).toEqual(whole.frames.slice(25).map(({ bytes }) => bytes));
    expect(rest.artifact.bytes).toEqual(whole.artifact.bytes);
  }
});

test("refuses an input that is no face, or no speech", async () => {
  await expect(run({})).rejects.toThrow(/Exactly one of speech and live/);
  await expect(run({ speech, live: true })).rejects.toThrow(/Exactly one of speech and live/);
  await expect(run({ speech, person: undefined })).rejects.toThrow(/Exactly one of picture and person/);
  const silent = { bytes: writeWav({ sampleRate: 16_000, channels: [new Float32Array(0)] }), mime: "audio/wav" };
  await expect(run({ speech: silent })).rejects.toMatchObject({ code: "bad-file" });
});
