import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readImage, writeImage } from "@prosopon/media/node";
import { listModels, writeModel } from "@prosopon/models/node";
import { microManifest, microParameters } from "@prosopon/models/testing";
import { read } from "@prosopon/provenance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const launcher = fileURLToPath(new URL("../bin/prosopon.mjs", import.meta.url));
const repository = fileURLToPath(new URL("../../..", import.meta.url));
const faces = join(repository, process.env["PROSOPON_DATA"] ?? "../shared/data", "faces");
const shipped = await listModels([join(repository, "models")]);
const has = (kind: string) => shipped.some((one) => one.manifest?.kind === kind);

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "prosopon-cli-full-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Runs the command line with the models of `home` before the shipped ones; --json is added. */
async function prosopon(args: readonly string[], home = join(root, "none")) {
  const options = { cwd: root, env: { ...process.env, PROSOPON_HOME: home } };
  const { stdout } = await promisify(execFile)(process.execPath, [launcher, ...args, "--json"], options);
  return JSON.parse(stdout);
}

describe.skipIf(!has("reenactment"))("with the models that come with Prosopon", () => {
  test("a drawn person is found in place, marked or not, and every picture is in its own size", async () => {
    const person = join(root, "person.png");
    await prosopon(["portrait", "--seed", "7", "--emotion", "neutral", "--size", "256", "-o", person]);
    // Read and written again, so that the mark is gone and the face has to be found.
    const plain = join(root, "plain.png");
    await writeImage(plain, await readImage(person));
    for (const file of [person, plain]) {
      const edited = await prosopon(["reenact", file, "--to", "happy", "-o", join(root, "happy.png")]);
      expect(edited).toMatchObject({ face: { aligned: true }, photograph: false, width: 256, height: 256 });
    }
  });

  test("the judge recognises what the corpus draws clearly", async () => {
    for (const emotion of ["happy", "surprised", "angry"]) {
      const file = join(root, `${emotion}.png`);
      await prosopon(["portrait", "--seed", "7", "--emotion", emotion, "--intensity", "3", "-o", file]);
      const { from } = await prosopon(["reenact", file, "--to", "sad", "--steps", "2", "-o", join(root, "sad.png")]);
      expect(from).toMatchObject({ emotion, recognised: true });
    }
  });

  test("demo", async () => {
    const folder = join(root, "demo");
    const { seconds } = await prosopon(["demo", "-o", folder]);
    expect(seconds).toBeGreaterThan(0);
    expect(await readdir(folder)).toContain("index.html");
  });

  test("every shipped model passes its own check", async () => {
    const { ok, findings } = await prosopon(["doctor"]);
    expect(ok, JSON.stringify(findings)).toBe(true);
  });
});

describe.skipIf(!has("face-finder") || !existsSync(faces))("photographs go the whole way, with warnings", () => {
  const home = () => join(root, "micro");
  beforeAll(async () => {
    for (const kind of ["first-stage", "reenactment"] as const) {
      const manifest = microManifest(kind);
      const { files: _, specification: __, ...fields } = manifest;
      await writeModel(join(home(), "models"), { manifest: fields, parameters: microParameters(manifest) });
    }
  });
  const edit = (name: string, ...args: string[]) =>
    prosopon(
      [
        "reenact",
        join(faces, name),
        "--from",
        "neutral",
        "--to",
        "happy",
        "--steps",
        "2",
        "-o",
        join(root, "x.png"),
        ...args,
      ],
      home(),
    );

  test("two people: the largest, or the one asked for; all else keeps its pixels", async () => {
    const first = await edit("two_people.jpg");
    expect(first).toMatchObject({ photograph: true, face: { aligned: false, found: 2 } });
    expect(first.warnings.join()).toMatch(/2 faces were found.*photograph model/);
    const [before, after] = [await readImage(join(faces, "two_people.jpg")), await readImage(join(root, "x.png"))];
    expect([after.width, after.height]).toEqual([before.width, before.height]);
    // Rows far below both heads.
    const below = before.width * 3 * Math.floor(before.height * 0.8);
    expect(after.data.subarray(below)).toEqual(before.data.subarray(below));
    expect(after.data).not.toEqual(before.data);
    expect(read(await readFile(join(root, "x.png")))?.kind).toBe("compositeWithTrainedAlgorithmicMedia");
    const second = await edit("two_people.jpg", "--face", "2");
    expect(second.face.box.x).not.toBeCloseTo(first.face.box.x, 0);
    await expect(edit("two_people.jpg", "--face", "3")).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("no face 3"),
    });
  });

  test("a face at the edge", async () => {
    expect((await edit("obama_partial_face.jpg")).warnings.join()).toContain("cut off");
  });
});
