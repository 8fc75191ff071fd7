import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { add, constant, encodeModel, graph, input, mul, output, reduceMean, reshape, tensor } from "@prosopon/graph";
import { writeWav } from "@prosopon/media";
import { readSound } from "@prosopon/media/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluateCommand } from "../commands/evaluate.ts";

const clip = join(process.env["PROSOPON_DATA"] ?? "../shared/data", "clips/grid_bbaf2n.mpg");
let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "evaluate-talk-"));
});
afterAll(() => rm(root, { recursive: true }));

async function talk(...args: readonly string[]) {
  let stdout = "";
  const sink = (take: (text: string) => void) =>
    new Writable({
      write(chunk, _, done) {
        take(`${chunk}`);
        done();
      },
    });
  const command = evaluateCommand({
    version: "0",
    env: { PROSOPON_HOME: root },
    home: root,
    platform: "linux",
    signal: new AbortController().signal,
    stdout: sink((text) => {
      stdout += text;
    }),
    stderr: sink(() => {}),
  });
  await command.parseAsync(["talk", ...args, "--json"], { from: "user" });
  return JSON.parse(stdout);
}

describe.skipIf(!existsSync(clip))(`a person who speaks, ${clip} (skipped where it is absent)`, () => {
  test("mouth and sound belong together, and are found apart when the sound is moved", async () => {
    const own = await talk(clip, clip, "--plot", join(root, "talk.svg"), "--table", join(root, "talk.md"));
    expect(own).toMatchObject({ frames: 75, framesPerSecond: 25, missed: 0 });
    expect(own.offsetCorrelation).toBeGreaterThan(0.2);
    expect(own.openingInSpeech).toBeGreaterThan(own.openingInSilence);
    expect(own.identityAtEnd).toBeGreaterThan(0.9);
    expect(await readFile(join(root, "talk.svg"), "utf8")).toMatch(/^<svg/);
    expect(await readFile(join(root, "talk.md"), "utf8")).toContain("| offsetSeconds |");
    // The same sound 0.2 seconds earlier: the mouth is later by as much.
    const { sampleRate, channels } = await readSound(clip);
    const early = join(root, "early.wav");
    await writeFile(early, writeWav({ sampleRate, channels: [channels[0]!.slice(Math.round(0.2 * sampleRate))] }));
    const moved = await talk(clip, early);
    expect(moved.offsetSeconds - own.offsetSeconds).toBeCloseTo(0.2, 1);
  });

  test("the true film beside it, and a lip reader of the user's own", async () => {
    // Sees whether mouths move at all: reads the sentence from its own notes then.
    const reader = join(root, "reader.mjs");
    await writeFile(
      reader,
      `export const lipReader = () => ({
        specification: "lip-reader/v1",
        name: "a test's reader",
        input: { width: 88, height: 88, framesPerSecond: 12.5, region: "mouth" },
        async read(pictures) {
          const still = pictures.every(({ data }) => data.every((v, i) => v === pictures[0].data[i]));
          const shape = [pictures.length, pictures[0].width, pictures[0].height, pictures[0].channels].join(" ");
          return still || shape !== "13 88 88 3" ? shape : "bin blue at s two now";
        },
      });`,
    );
    const options = ["--seconds", "1", "--lip-reader", reader, "--transcript", "bin blue at f two now"];
    const found = await talk(clip, clip, "--reference", clip, ...options);
    expect(found).toMatchObject({
      heard: "bin blue at s two now",
      wer: expect.closeTo(1 / 6, 12),
      // The same film: the same frames.
      psnr: null,
      ssim: expect.closeTo(1, 9),
      ownDistance: 0,
    });
    const said = found.protocol.notes.join(" ");
    expect(said).toMatch(/read by a test's reader \(module sha256 .*mouth at 88 x 88, 12.5 frames/);
    expect(said).toContain("25 frames of the true film");
    const thesis = await talk(clip, clip, "--reference", clip, ...options, "--protocol", "thesis");
    expect(thesis).toMatchObject({ psnr: 80, wer: expect.closeTo(1 / 6, 12) });
    const other = clip.replace("bbaf2n", "brbk7n");
    expect((await talk(clip, clip, "--seconds", "1", "--reference", other)).psnr).toBeLessThan(30);
    await expect(talk(clip, clip, "--lip-reader", reader)).rejects.toThrow(/go together/);
    // The example of the documentation, with a network that says "bba a" whatever it sees.
    const g = graph({ name: "lips" });
    const steps = [3, 3, 0, 3, 2, 1, 1, 2, ...Array<number>(17).fill(0)];
    const answers = Float32Array.from(steps.flatMap((best) => [0, 1, 2, 3].map((one) => (one === best ? 1 : 0))));
    const seen = reduceMean(input(g, "frames", "float32", [1, 1, 25, 88, 88]), { axes: [1, 3, 4] });
    const scores = add(mul(reshape(seen, [1, 25, 1]), 0), constant(g, tensor("float32", [1, 25, 4], answers)));
    output(g, "scores", scores);
    await writeFile(join(root, "lips.onnx"), encodeModel(g));
    const page = await readFile(new URL("../../../../docs/metrics.md", import.meta.url), "utf8");
    const example = /```js\n([\s\S]*?)```/.exec(page)![1]!;
    const documented = join(root, "documented.mjs");
    await writeFile(documented, example.replaceAll('"lips.onnx"', JSON.stringify(join(root, "lips.onnx"))));
    const read = await talk(clip, clip, "--seconds", "1", "--lip-reader", documented, "--transcript", "bba b");
    expect(read).toMatchObject({ heard: "bba a", wer: 0.5, cer: 0.2 });
    const none = join(root, "none.mjs");
    await writeFile(none, "export const lipReader = () => ({});");
    await expect(talk(clip, clip, "--lip-reader", none, "--transcript", "bin")).rejects.toMatchObject({
      code: "bad-file",
    });
  });
});
