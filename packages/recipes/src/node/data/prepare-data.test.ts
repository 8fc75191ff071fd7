import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alignFace, type Point } from "@prosopon/media";
import { readImage } from "@prosopon/media/node";
import { openWeights } from "@prosopon/weights/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openData } from "./open-data.ts";
import { type PrepareDataOptions, prepareData } from "./prepare-data.ts";
import { affectnetFolder, fixedFinder, meadClip, portraitOf, put, putPicture } from "./sample-data.test.support.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "prosopon-data-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const at = (...names: string[]) => join(root, ...names);
const blind = { find: async () => [] };
const prepare = (options: Omit<PrepareDataOptions, "finder" | "size"> & Partial<PrepareDataOptions>) =>
  prepareData({ finder: fixedFinder(), size: 64, ...options });
const lines = async (...names: string[]) => (await readFile(at(...names), "utf8")).trimEnd().split("\n");

/** Names and bytes of everything below a folder. */
async function contents(folder: string): Promise<Map<string, string>> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = all.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  return new Map(
    await Promise.all(
      files
        .toSorted()
        .map(async (file) => [file.slice(folder.length), (await readFile(file)).toString("base64")] as const),
    ),
  );
}

describe("AffectNet", () => {
  const input = () => at("affectnet");
  beforeAll(async () => {
    await affectnetFolder(input(), ["0", "1", "7", "8", undefined, "3", "99"]);
    await writeFile(join(input(), "train_set", "images", "5.png"), "no picture");
    await putPicture(join(input(), "val_set", "images", "20.jpg"), portraitOf(3).picture);
    await put(
      join(input(), "val_set", "annotations", "20_exp.npy"),
      await readFile(at("affectnet/train_set/annotations/2_exp.npy")),
    );
  });

  test("its reduced form is listed, aligned and labelled in the names; what cannot be used is counted with its reason", async () => {
    const output = at("affectnet-out");
    const { manifest, resumed } = await prepare({ layout: "affectnet", input: input(), output });
    expect(resumed).toBe(0);
    expect(manifest).toMatchObject({
      kind: "pictures",
      alignment: "canonical",
      size: 64,
      counts: { train: 3, validation: 1, test: 0 },
      leftOut: { "another emotion": 1, "no annotation": 2, unreadable: 1 },
    });
    expect(await lines("affectnet-out", "train.txt")).toEqual([
      "pictures/0_0.png",
      "pictures/1_1.png",
      "pictures/7_2.png",
    ]);
    expect(await lines("affectnet-out", "validation.txt")).toEqual(["pictures/7_20.jpg"]);
    expect((await lines("affectnet-out", "left-out.tsv")).map((line) => line.split("\t").slice(0, 2))).toEqual([
      ["file", "reason"],
      ["train_set/images/3.png", "another emotion"],
      ["train_set/images/4.png", "no annotation"],
      ["train_set/images/5.png", "unreadable"],
      ["train_set/images/6.png", "no annotation"],
    ]);
    const { picture, landmarks } = portraitOf(0);
    const expected = alignFace(picture, landmarks, { size: 64 }).crop;
    expect(Buffer.compare((await readImage(join(output, "pictures/0_0.png"))).data, expected.data)).toBe(0);
    expect((await openData(output, { kind: "pictures", split: "train" })).items.map((one) => one.emotion)).toEqual([
      0, 1, 7,
    ]);
  });

  test("cancelled, it leaves no manifest; the same call goes on and comes to the same folder", async () => {
    const [whole, parted] = [at("whole"), at("parted")];
    await prepare({ layout: "affectnet", input: input(), output: whole });
    const stop = new AbortController();
    const first = prepare({
      layout: "affectnet",
      input: input(),
      output: parted,
      signal: stop.signal,
      onProgress: (_, done) => done === 2 && stop.abort(),
    });
    await expect(first).rejects.toMatchObject({ code: "cancelled", mend: expect.stringContaining("goes on") });
    // Within a picture it is no other: what the finder throws then is not what the user reads.
    const within = new AbortController();
    const find = async () => {
      within.abort();
      throw new Error("aborted");
    };
    const second = prepare({
      layout: "affectnet",
      input: input(),
      output: parted,
      signal: within.signal,
      finder: { find },
    });
    await expect(second).rejects.toMatchObject({ code: "cancelled", mend: expect.stringContaining("goes on") });
    expect(await readdir(parted)).not.toContain("dataset.json");
    await expect(openData(parted, { kind: "pictures", split: "train" })).rejects.toMatchObject({ code: "not-found" });
    // As if the power had gone while a line was being written.
    await writeFile(join(parted, "items.jsonl"), '{"key":"train_set/im', { flag: "a" });
    const finder = fixedFinder();
    const { resumed } = await prepare({ layout: "affectnet", input: input(), output: parted, finder });
    expect(resumed).toBe(2);
    // Of five readable ones, 0 and 1 were done and 3 and 4 are not looked at: two were left.
    expect(finder.calls).toBe(2);
    expect(await contents(parted)).toEqual(await contents(whole));
  });

  test("its full form: where no face is found, the given landmarks or the given box are taken", async () => {
    const folder = at("lists");
    const { picture, landmarks } = portraitOf(4);
    await putPicture(join(folder, "Manually_Annotated_Images", "12", "face.png"), picture);
    const places = landmarks.flatMap(([x, y]) => [x - 0.5, y - 0.5]).join(";");
    const header =
      "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal";
    await put(
      join(folder, "validation.csv"),
      `${header}\n12/face.png,8,8,40,40,${places},6,-0.5,0.5\n../x.png,0,0,1,1,,1,0,0\n`,
    );
    const canonical = await prepare({ layout: "affectnet", input: folder, output: at("lists-1"), finder: blind });
    expect(canonical).toMatchObject({ annotated: 1, manifest: { counts: { train: 0, validation: 1 } } });
    const close = landmarks.map(([x, y]): Point => [x, y]);
    const expected = alignFace(picture, close, { size: 64 }).crop;
    const found = (await readImage(at("lists-1/pictures/6_face.png"))).data;
    // The table's numbers go through float32.
    expect(found.every((value, i) => Math.abs(value - expected.data[i]!) <= 1)).toBe(true);
    const box = {
      layout: "affectnet",
      input: folder,
      output: at("lists-2"),
      finder: blind,
      alignment: "reference",
    } as const;
    expect(await prepare(box)).toMatchObject({ annotated: 1, manifest: { alignment: "reference" } });
    expect(await readImage(at("lists-2/pictures/6_face.png"))).toMatchObject({ width: 224, height: 224 });
    // Control: with neither box nor landmarks there is nothing to go by.
    await put(join(folder, "validation.csv"), `${header}\n12/face.png,,,,,,6,-0.5,0.5\n`);
    const none = prepare({ layout: "affectnet", input: folder, output: at("lists-3"), finder: blind });
    await expect(none).rejects.toThrow(/None of 1 could be used: no face found/);
    expect(await readdir(at("lists-3"))).toEqual([]);
  });
});

test("FER2013's table: grey pictures, seven labels in another order, three splits; damaged rows are counted", async () => {
  const folder = at("fer");
  const pixels = (level: number) => Array.from({ length: 2304 }, (_, i) => (level + i) % 256).join(" ");
  const rows = [
    `3,${pixels(0)},Training`,
    `6,${pixels(9)},PublicTest`,
    `1,${pixels(5)},PrivateTest`,
    "0,1 2 3,Training",
    `9,${pixels(1)},Training`,
  ];
  await put(join(folder, "fer2013.csv"), `emotion,pixels,Usage\n${rows.join("\n")}\n`);
  const { manifest } = await prepare({ layout: "fer2013", input: folder, output: at("fer-out"), size: 48 });
  expect(manifest).toMatchObject({
    alignment: "none",
    counts: { train: 1, validation: 1, test: 1 },
    leftOut: { unreadable: 1, "no annotation": 1 },
  });
  expect((await readdir(at("fer-out/pictures"))).toSorted()).toEqual(["0_00002.png", "1_00001.png", "5_00003.png"]);
  const { data } = await readImage(at("fer-out/pictures/0_00002.png"));
  expect(Array.from(data.subarray(0, 6))).toEqual([9, 9, 9, 10, 10, 10]);
  await put(at("fer-bad/fer2013.csv"), "label,pixels\n1,2\n");
  await expect(prepare({ layout: "fer2013", input: at("fer-bad"), output: at("fer-2") })).rejects.toThrow(
    /names no column emotion, Usage/,
  );
});

describe("folders of pictures", () => {
  test("a folder for each emotion, within splits or without; two pictures of one name do not meet", async () => {
    for (const place of ["train/happy/a", "train/anger/a", "val/sadness/b", "test/3/c", "train/bored/d"])
      await putPicture(at("tree", `${place}.png`), portraitOf(1).picture);
    const { manifest } = await prepare({ layout: "folder", input: at("tree"), output: at("tree-out") });
    expect(manifest).toMatchObject({ counts: { train: 2, validation: 1, test: 1 }, leftOut: { "another emotion": 1 } });
    expect((await readdir(at("tree-out/pictures"))).toSorted()).toEqual([
      "1_train-happy-a.png",
      "2_val-sadness-b.png",
      "3_test-3-c.png",
      "6_train-anger-a.png",
    ]);
  });

  test("labels.csv: identities stay together, and the splits that it names are kept", async () => {
    const names = Array.from({ length: 40 }, (_, i) => `${i}.png`);
    for (const name of names) await putPicture(at("table/img", name), portraitOf(2).picture);
    const rows = names.map((name, i) => `${name},sad,person ${i % 8},${i === 0 ? "test" : ""}`);
    await put(at("table/labels.csv"), `file,emotion,identity,split\n${rows.join("\n")}\n/etc/passwd,sad,x,\n`);
    const output = at("table-out");
    const { manifest } = await prepare({ layout: "folder", input: at("table"), output, alignment: "none" });
    expect(manifest.counts.test).toBe(1);
    const train = (await openData(output, { kind: "pictures", split: "train" })).items;
    const held = (await openData(output, { kind: "pictures", split: "validation" })).items;
    expect(train.length + held.length).toBe(39);
    const people = new Set(train.map((one) => one.identity));
    expect(held.every((one) => !people.has(one.identity))).toBe(true);
  });

  test("wrong folders are refused, and nothing is written", async () => {
    const input = at("tree");
    const refused = (options: Partial<PrepareDataOptions>, message: RegExp) =>
      expect(prepare({ layout: "folder", input, output: at("refused"), ...options })).rejects.toThrow(message);
    await put(at("other/keep.txt"), "mine");
    await put(at("empty/.keep"), "");
    await put(at("words/cats/a.png"), "x");
    await refused({ output: join(input, "out") }, /lies inside the data set/);
    await refused({ output: input }, /lies inside the data set/);
    await refused({ input: at("absent") }, /There is no/);
    await refused({ input: at("empty") }, /holds no pictures by emotion/);
    await refused({ input: at("words") }, /No folder or label in .* is the name of an emotion/);
    await refused({ output: at("other") }, /holds other files, such as keep\.txt/);
    await refused({ layout: "mead" }, /not laid out as MEAD/);
    await refused({ layout: "affectnet" }, /not laid out as AffectNet/);
    await refused({ layout: "fer2013" }, /no fer2013\.csv/);
    await refused({ layout: "fer2013", alignment: "reference" }, /is not aligned by "reference"/);
    await refused({ finder: undefined }, /No face finder is installed/);
    await refused({ emotion: "bored" }, /Unknown emotion/);
    await refused(
      { output: at("tree-out"), alignment: "reference" },
      /was begun with alignment "canonical", not "reference"/,
    );
    await expect(stat(at("refused"))).rejects.toThrow();
    expect(await readdir(at("other"))).toEqual(["keep.txt"]);
  });
});

describe("MEAD", () => {
  const input = () => at("mead");
  beforeAll(async () => {
    await meadClip(input(), { subject: "M003", emotion: "angry", clip: "001" });
    await meadClip(input(), { subject: "M005", emotion: "fear", clip: "002" });
    await meadClip(input(), { subject: "M005", emotion: "happy", clip: "003" }, { silent: true });
    await meadClip(input(), { subject: "M005", emotion: "happy", clip: "004" }, { frames: 4 });
    await put(join(input(), "M005/video/front/happy/level_1/005.mp4"), "no film");
    await put(
      join(input(), "M005/audio/happy/level_1/005.wav"),
      await readFile(join(input(), "M005/audio/fear/level_1/002.wav")),
    );
    await put(
      join(input(), "list_full_mead_annotated.txt"),
      "M003_level_1_angry_001 SHE HAD YOUR DARK SUIT\nM009_level_1_sad_001 ALAS\n",
    );
  });

  test("clips become frames, landmarks and rows of sound; the thesis' subjects are for tests; transcripts go along", async () => {
    const output = at("mead-out");
    const { manifest, transcripts } = await prepare({ layout: "mead", input: input(), output });
    expect(manifest).toMatchObject({
      kind: "clips",
      alignment: "canonical",
      framesPerSecond: 30,
      features: { name: "log-mel" },
      counts: { train: 1, validation: 0, test: 1 },
      leftOut: { "no sound": 1, "too short": 1, unreadable: 1 },
    });
    expect(transcripts).toBe(1);
    expect(await lines("mead-out", "transcripts.txt")).toEqual(["M003_level_1_angry_001 SHE HAD YOUR DARK SUIT"]);
    expect(await lines("mead-out", "test.txt")).toEqual(["frames/M003_angry_level_1_001"]);
    const [item] = (await openData(output, { kind: "clips", split: "train" })).items;
    expect(item).toMatchObject({ key: "M005_fear_level_1_002", emotion: 4, frames: 14, identity: "M005" });
    expect(await readdir(join(output, item!.file))).toHaveLength(14);
    await using held = await openWeights(join(output, "clips", `${item!.key}.safetensors`));
    expect(held.info("landmarks").shape).toEqual([14, 68, 2]);
    expect(held.info("features").shape).toEqual([14, manifest.features!.size]);
    // A sine is not silence: features of other sound would be the same in every row.
    const { data } = await held.read("features");
    expect(new Set(Array.from(data as Float32Array)).size).toBeGreaterThan(100);
  });

  test("in the reference's way the box of the first frame holds for the clip, at 224 pixels", async () => {
    const [one, output] = [at("mead-one"), at("mead-reference")];
    await meadClip(one, { subject: "M005", emotion: "fear", clip: "002" }, { frames: 10 });
    const { manifest } = await prepare({ layout: "mead", input: one, output, alignment: "reference" });
    expect(manifest.alignment).toBe("reference-clip");
    expect(await readImage(join(output, "frames/M005_fear_level_1_002/0010.jpg"))).toMatchObject({
      width: 224,
      height: 224,
    });
  });

  test("without ffmpeg it says so", async () => {
    const refused = prepare({ layout: "mead", input: input(), output: at("mead-3"), ffmpeg: "/nowhere/ffmpeg" });
    await expect(refused).rejects.toMatchObject({ code: "unavailable" });
  });
});
