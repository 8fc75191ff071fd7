import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { sample } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { image } from "@prosopon/media";
import { encodeImage } from "@prosopon/media/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluateCommand } from "../commands/evaluate.ts";

let root = "";
const at = (...names: string[]) => join(root, ...names);

/** Runs `prosopon evaluate ...` in this process. */
async function evaluate(...args: readonly string[]) {
  const said = { stdout: "", stderr: "" };
  const into = (key: keyof typeof said) =>
    new Writable({
      write(chunk, _, done) {
        said[key] += chunk;
        done();
      },
    });
  const command = evaluateCommand({
    version: "0",
    env: { PROSOPON_HOME: at("home") },
    home: root,
    platform: "linux",
    signal: new AbortController().signal,
    stdout: into("stdout"),
    stderr: into("stderr"),
  });
  for (const one of [command, ...command.commands]) one.exitOverride().configureOutput({ writeErr: () => {} });
  await command.parseAsync(args, { from: "user" });
  return said;
}
const json = async (...args: readonly string[]) => JSON.parse((await evaluate(...args, "--json")).stdout);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "evaluate-"));
  for (const folder of ["sources", "copies", "edits/happy", "empty"]) await mkdir(at(folder), { recursive: true });
  for (let index = 0; index < 5; index++) {
    const scene = sample({ seed: 5, index, split: "test", speaking: 0 });
    const picture = (emotion: typeof scene.emotion) =>
      image(128, 128, 3, render({ ...scene, emotion, intensity: 3 }).image.data);
    const source = picture("neutral");
    await writeFile(at("sources", `${index}.png`), await encodeImage(source, "image/png"));
    await writeFile(at("copies", `${index}.jpg`), await encodeImage(source, "image/jpeg", { quality: 60 }));
    await writeFile(at("edits/happy", `${index}.png`), await encodeImage(picture("happy"), "image/png"));
  }
});
afterAll(() => rm(root, { recursive: true }));

describe("text", () => {
  test("plain numbers, with their protocol", async () => {
    const found = await json("text", "This is a test", "This test");
    expect(found).toMatchObject({ wer: 0.5, cer: expect.closeTo(5 / 14, 12), lines: 1 });
    expect(typeof found.protocol.measures.wer).toBe("string");
    // "two", "too" and "to" look alike.
    await writeFile(at("words.dict"), "two T UW\nto T UW\nbin B IH N\npin P IH N\n");
    const alike = await json("text", "bin two", "pin to", "--dictionary", at("words.dict"));
    expect(alike).toMatchObject({ wer: 1, visemeWer: 0, visemeCer: 0 });
    expect(alike.protocol.pronunciation).toContain("4 words");
  });

  test("files, a line for a line; the alignment; a table", async () => {
    await writeFile(at("said.txt"), "Bin blue.\nlay red\n");
    await writeFile(at("heard.txt"), "bin blue\nlay red now\n");
    const args = [at("said.txt"), at("heard.txt"), "--normalize", "plain"];
    expect(await json("text", ...args)).toMatchObject({ wer: 0.25, lines: 2 });
    const { stdout } = await evaluate("text", ...args, "--alignment", "--table", at("text.csv"));
    expect(stdout).toContain("REF: lay red ***");
    expect(await readFile(at("text.csv"), "utf8")).toMatch(/^measure,rate,meanRate.*\r\nwer,0\.2500,/);
  });

  test("numbers have no visemes, but words and characters", async () => {
    const found = await json("text", "room 42", "room 43");
    expect(found).toMatchObject({ wer: 0.5, warnings: [expect.stringContaining('"42"')] });
    expect(found).not.toHaveProperty("visemeWer");
    expect(await json("text", "", "one two")).toMatchObject({ wer: 2 });
  });

  test("refused: other numbers of lines, absent files, unknown forms of tables", async () => {
    await writeFile(at("one.txt"), "a\nb\n");
    await expect(evaluate("text", at("one.txt"), "a")).rejects.toThrow(/2 lines were said, 1/);
    await expect(evaluate("text", "absent.txt", "a")).rejects.toMatchObject({ code: "not-found" });
    await expect(evaluate("text", "a", "a", "--table", "x.doc")).rejects.toThrow(/x\.doc/);
  });
});

describe("images", () => {
  test("two folders, in both protocols", async () => {
    const clean = await json("images", at("sources"), at("copies"), "--table", at("scores.json"));
    expect(clean.count).toBe(5);
    expect(clean.psnr).toBeGreaterThan(25);
    expect(clean.ssim).toBeGreaterThan(0.8);
    expect(clean.ownDistance).toBeGreaterThan(0);
    expect(clean.msSsim).toBeNull();
    expect(JSON.parse(await readFile(at("scores.json"), "utf8")).rows).toHaveLength(6);
    const thesis = await json("images", at("sources"), at("copies"), "--protocol", "thesis");
    expect(thesis.psnr).not.toBe(clean.psnr);
    expect(thesis.protocol.notes.join(" ")).toContain("JPEG of quality 75");
  });

  test("a picture and itself", async () => {
    const same = await json("images", at("sources/0.png"), at("sources/0.png"));
    expect(same).toMatchObject({ psnr: null, identical: true, ssim: expect.closeTo(1, 9), ownDistance: 0 });
  });

  test("refused: no partner, a file and a folder, no pictures, LPIPS without weights", async () => {
    await expect(evaluate("images", at("sources"), at("empty"))).rejects.toThrow(/holds no pictures/);
    await expect(evaluate("images", at("sources"), at("sources/0.png"))).rejects.toThrow(/a folder and a file/);
    await writeFile(at("empty", "zero.png"), await readFile(at("sources/0.png")));
    await expect(evaluate("images", at("sources"), at("empty"))).rejects.toThrow(/no partner/);
    await expect(evaluate("images", at("sources"), at("copies"), "--lpips", "alex")).rejects.toThrow(/--trunk/);
  });
});

test("set: distances, precision and recall; kept statistics give the same distance", async () => {
  const args = [
    "set",
    at("sources"),
    at("edits/happy"),
    "--save-statistics",
    at("real.safetensors"),
    "--bootstrap",
    "5",
  ];
  const found = await json(...args);
  expect(found).toMatchObject({ counts: { real: 5, generated: 5 }, inceptionScore: null });
  expect(found.warnings[0]).toContain("singular");
  for (const key of ["precision", "recall", "coverage"]) expect(found[key] >= 0 && found[key] <= 1).toBe(true);
  const again = await json("set", at("real.safetensors"), at("edits/happy"));
  expect(again).toMatchObject({ frechetDistance: expect.closeTo(found.frechetDistance, 9), precision: null });
  await expect(evaluate("set", at("sources"), at("sources"), "--neighbours", "5")).rejects.toThrow(/5 neighbours/);
});

test("edits: what the judge sees, the table of the thesis, a plot", async () => {
  const args = ["edits", at("sources"), at("edits"), "--table", at("edits.md"), "--plot", at("edits.svg")];
  const found = await json(...args);
  expect(found.targets).toHaveLength(1);
  expect(found.targets[0]).toMatchObject({ target: "happy", count: 5 });
  // Strongly happy faces of the kind the judge was trained for.
  expect(found.top1).toBeGreaterThan(0.5);
  expect(found.shift).toBeGreaterThan(0.3);
  expect(await readFile(at("edits.md"), "utf8")).toContain("| happy |");
  expect(await readFile(at("edits.svg"), "utf8")).toMatch(/^<svg/);
  await expect(evaluate("edits", at("sources"), at("copies"))).rejects.toThrow(
    /no folder that is named after an emotion/,
  );
});
