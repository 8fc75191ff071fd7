import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { sample } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { image } from "@prosopon/media";
import { encodeImage } from "@prosopon/media/node";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { evaluateCommand } from "../commands/evaluate.ts";

// Each command opens a process for its networks: a minute is little on a machine that others use.
vi.setConfig({ testTimeout: 240_000 });

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
  const nested = command.commands.flatMap((one) => [one, ...one.commands]);
  for (const one of [command, ...nested]) one.exitOverride().configureOutput({ writeErr: () => {} });
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

  test("the protocol of the thesis: upper case, each line weighs the same", async () => {
    await writeFile(at("short.txt"), "Red\nlay blue now please\n");
    await writeFile(at("long.txt"), "green\nLAY BLUE NOW PLEASE\n");
    const args = [at("short.txt"), at("long.txt")];
    // One line all wrong, one right; of five words one is wrong.
    const thesis = await json("text", ...args, "--protocol", "thesis");
    expect(thesis).toMatchObject({ wer: 0.5, protocol: { name: "thesis" } });
    expect(thesis.protocol.measures.wer).toContain("upper case");
    expect(await json("text", ...args, "--normalize", "plain")).toMatchObject({ wer: 0.2 });
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
    for (const args of [
      ["text", "a", "a", "--dictionary", at("absent.dict")],
      // Before the film is read, which is not there either.
      ["talk", "absent.mp4", "absent.wav", "--dictionary", at("absent.dict")],
    ])
      await expect(evaluate(...args)).rejects.toMatchObject({ code: "not-found", values: { file: at("absent.dict") } });
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
  await expect(evaluate("set", at("absent.safetensors"), at("sources"))).rejects.toMatchObject({ code: "not-found" });
  await expect(evaluate("set", at("sources"), at("sources"), "--neighbours", "5")).rejects.toThrow(/5 neighbours/);
});

test("set in the protocol of the thesis: generated pictures alone pass through JPEG", async () => {
  const [clean, thesis] = [
    await json("set", at("sources"), at("edits/happy")),
    await json("set", at("sources"), at("edits/happy"), "--protocol", "thesis"),
  ];
  expect(thesis.frechetDistance).not.toBe(clean.frechetDistance);
  expect([clean, thesis].map(({ protocol }) => protocol.name)).toEqual(["clean", "thesis"]);
  expect(thesis.protocol.notes[0]).toMatch(/generated pictures through JPEG .*, real ones as in their files/);
});

test("edits: what the judge sees, the table of the thesis, a plot", async () => {
  const args = ["edits", at("sources"), at("edits"), "--table", at("edits.md"), "--plot", at("edits.svg")];
  const found = await json(...args);
  expect(found.targets).toHaveLength(1);
  expect(found.targets[0]).toMatchObject({ target: "happy", count: 5 });
  // Strongly happy faces of the kind the judge was trained for.
  expect(found.top1).toBeGreaterThan(0.5);
  expect(found.shift).toBeGreaterThan(0.3);
  expect(found.targets[0].ownDistance).toBeGreaterThan(0);
  const written = await readFile(at("edits.md"), "utf8");
  expect(written).toContain("| target | PSNR ↑ | SSIM ↑ | own distance ↓ | CSIM ↑ | neutral |");
  expect(written).toContain("| happy |");
  expect(await readFile(at("edits.svg"), "utf8")).toMatch(/^<svg/);
  await expect(evaluate("edits", at("sources"), at("copies"))).rejects.toThrow(
    /no folder that is named after an emotion/,
  );
});

test("edits in the protocol of the thesis: compared with what the first stage makes of the sources", async () => {
  // Originals are compared by their reconstructions: the first stage's own loss does not count against the edit.
  const stage = ["--protocol", "thesis", "--first-stage", "first-stage-portraits"];
  const thesis = await json("edits", at("sources"), at("edits/happy"), "--to", "happy", ...stage);
  expect(thesis.protocol.notes[0]).toMatch(/JPEG of quality 75.*reconstruction by first-stage-portraits \(sha256/);
  expect(thesis.targets[0].psnr).toBeGreaterThan(15);
  await writeFile(at("odd.png"), await encodeImage(image(30, 30, 3), "image/png"));
  await expect(evaluate("images", at("odd.png"), at("odd.png"), ...stage)).rejects.toThrow(/30 x 30/);
});

describe("study", () => {
  const plan = async () => JSON.parse(await readFile(at("study/plan.json"), "utf8"));

  test("preference: a folder to hand out, and shares with intervals", async () => {
    const methods = [`ours=${at("edits/happy")}`, `original=${at("sources")}`];
    const found = await json("study", "plan", "preference", ...methods, "--participants", "4", "-o", at("study"));
    expect(found).toMatchObject({ trials: 5, participants: 4, pictures: 10 });
    const page = await readFile(at("study/index.html"), "utf8");
    expect(page).not.toMatch(/ours|original|happy/);
    const pictures = await readdir(at("study/pictures"));
    for (const name of pictures) expect(page).toContain(`pictures/${name}`);
    expect(pictures).toHaveLength(10);
    // Participants 0 to 2 prefer the original in four cases of five.
    const { participants } = await plan();
    for (const person of [0, 1, 2]) {
      const answers = participants[person].map((trial: { left: { method: string } }, index: number) => {
        const originalIsLeft = trial.left.method === "original";
        const answer = originalIsLeft === index > 0 ? "left" : "right";
        return { participant: person, trial: index, answer };
      });
      await writeFile(at(`answers-${person + 1}.json`), JSON.stringify(answers));
    }
    const files = [1, 2, 3].map((number) => at(`answers-${number}.json`));
    const out = ["--table", at("shares.csv"), "--plot", at("shares.svg")];
    const results = await json("study", "results", at("study"), ...files, ...out);
    expect(results).toMatchObject({ participants: 3, answers: 15, warnings: [] });
    expect(results.shares).toHaveLength(1);
    // 12 of 15 by Clopper and Pearson.
    expect(results.shares[0]).toMatchObject({
      name: "original over ours",
      share: 0.8,
      binomial: { low: expect.closeTo(0.5191, 4), high: expect.closeTo(0.9567, 4) },
      bootstrap: { low: expect.closeTo(0.8, 12), high: expect.closeTo(0.8, 12) },
    });
    expect(results.protocol.notes.join(" ")).toContain("3 of 4 planned participants");
    expect(await readFile(at("shares.csv"), "utf8")).toContain("original over ours,0.800,15,");
    expect(await readFile(at("shares.svg"), "utf8")).toMatch(/^<svg/);
    const first = JSON.parse(await readFile(files[0]!, "utf8")).slice(1);
    await writeFile(at("answers-part.json"), JSON.stringify(first));
    const part = await json("study", "results", at("study"), at("answers-part.json"));
    expect(part.warnings).toEqual([expect.stringContaining("1 of 5 trials")]);
  });

  test("naming: folders of emotions", async () => {
    const found = await json(
      ...["study", "plan", "naming", `ours=${at("edits")}`, "--participants", "2", "-o", at("naming")],
    );
    expect(found).toMatchObject({ kind: "naming", trials: 5 });
    const page = await readFile(at("naming/index.html"), "utf8");
    expect(page).toContain("contempt");
    await writeFile(at("names.json"), JSON.stringify([{ participant: 1, trial: 0, answer: "happy" }]));
    const { shares } = await json("study", "results", at("naming"), at("names.json"));
    expect(shares).toMatchObject([{ name: "ours", share: 1, count: 1 }]);
  });

  test("refused, with nothing written", async () => {
    const make = (...args: readonly string[]) =>
      evaluate("study", "plan", ...args, "--participants", "2", "-o", at("refused"));
    await expect(make("preference", "ours")).rejects.toThrow(/ours names no method/);
    await expect(make("preference", `a=${at("sources")}`, `a=${at("sources")}`)).rejects.toThrow(/same name/);
    await expect(make("preference", `a=${at("sources")}`)).rejects.toThrow(/two methods/);
    await expect(make("naming", `a=${at("sources")}`)).rejects.toThrow(/named after an emotion/);
    await mkdir(at("fewer"));
    await writeFile(at("fewer/0.png"), await readFile(at("sources/0.png")));
    const both = [`a=${at("sources")}`, `b=${at("fewer")}`];
    await expect(make("preference", ...both)).rejects.toThrow(/4 pictures are not there by every method/);
    expect(await readdir(root)).not.toContain("refused");
    const again = ["study", "plan", "preference", `a=${at("sources")}`, `b=${at("edits/happy")}`];
    await expect(evaluate(...again, "--participants", "2", "-o", at("sources"))).rejects.toThrow(/there already/);
    await writeFile(at("no.json"), "{}");
    await expect(evaluate("study", "results", at("no.json"), at("no.json"))).rejects.toMatchObject({
      code: "bad-file",
    });
    await expect(evaluate("study", "results", at("study"), at("no.json"))).rejects.toThrow(/no list of answers/);
    await expect(evaluate("study", "results", at("study"), at("absent.json"))).rejects.toMatchObject({
      code: "not-found",
    });
  });
});
