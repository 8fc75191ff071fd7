import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readSound, readVideo } from "@prosopon/media/node";
import { listModels, writeModel } from "@prosopon/models/node";
import { microManifest, microParameters } from "@prosopon/models/testing";
import { read } from "@prosopon/provenance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dubFilm } from "./dub-film.ts";
import { openTalkingFace, type TalkingFace } from "./open-talking-face.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const data = join(repository, process.env["PROSOPON_DATA"] ?? "../shared/data");
const clip = join(data, "clips", "grid_bbaf2n.mpg");
const finder = (await listModels([join(repository, "models")])).some((one) => one.manifest?.kind === "face-finder");
if (!existsSync(clip)) console.log("skipped: no clips in PROSOPON_DATA");

let folder = "";
let opened: TalkingFace;

describe.skipIf(!existsSync(clip) || !finder)("a real clip, with a model of random numbers", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "prosopon-dub-"));
    for (const kind of ["first-stage", "talking-face"] as const) {
      const manifest = microManifest(kind);
      const { files: _, specification: __, ...fields } = manifest;
      await writeModel(join(folder, "models"), { manifest: fields, parameters: microParameters(manifest) });
    }
    const folders = [join(folder, "models"), join(repository, "models")];
    opened = await openTalkingFace({
      folders,
      device: "cpu",
      model: "micro-talking-face",
      signal: new AbortController().signal,
    });
  });
  afterAll(async () => {
    await opened?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const options = (output: string) => ({
    video: clip,
    speech: join(data, "clips", "grid_swwp2s.mpg"),
    output,
    emotion: "neutral",
    lost: "hold" as const,
    version: "0.1.0",
    signal: new AbortController().signal,
  });

  test("is dubbed whole: size, rate, sound, mark; most of every frame is as it was", async () => {
    const output = join(folder, "dub.mp4");
    const run = dubFilm(opened, options(output));
    let frames = 0;
    for (;;) {
      const { done, value } = await run.next();
      if (done) {
        expect(value).toMatchObject({ frames, held: [], passed: [], cuts: [], width: 360, height: 288 });
        expect(value.warnings.join()).toContain("only knows rendered portraits");
        break;
      }
      frames++;
    }
    expect(frames).toBeGreaterThanOrEqual(73);
    const made = await readVideo(output);
    expect(made).toMatchObject({ width: 360, height: 288, hasAudio: true, variableRate: false });
    expect((await readSound(output)).channels[0]!.some((v) => Math.abs(v) > 0.05)).toBe(true);
    expect(read(await readFile(output))?.kind).toBe("compositeWithTrainedAlgorithmicMedia");
    const [before] = [await (await readVideo(clip)).frames().next()];
    const [after] = [await made.frames().next()];
    const difference = (row: number) => {
      const at = row * 360 * 3;
      const rows = [before, after].map((one) => (one.value as { data: Uint8Array }).data.subarray(at, at + 1080));
      return rows[0]!.reduce((sum, v, i) => sum + Math.abs(v - rows[1]![i]!), 0) / 1080;
    };
    // Above the head nothing but the codec changed.
    expect(difference(10)).toBeLessThan(6);
  });

  test("a consumer that stops leaves no file behind", async () => {
    const output = join(folder, "stopped.mp4");
    const run = dubFilm(opened, options(output));
    await run.next();
    await run.next();
    await run.return(undefined as never);
    expect((await readdir(folder)).filter((name) => name.includes("stopped"))).toEqual([]);
  });

  test("a recording without a face or a picture is refused", async () => {
    const speech = join(data, "clips", "grid_swwp2s.mpg");
    const missing = dubFilm(opened, { ...options(join(folder, "none.mp4")), video: `${speech}.absent` });
    await expect(missing.next()).rejects.toMatchObject({ code: "not-found" });
  });
});
