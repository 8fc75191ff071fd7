import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { emotions } from "@prosopon/corpus";
import { readImage } from "@prosopon/media/node";
import type { ModelKind } from "@prosopon/models";
import { writeModel } from "@prosopon/models/node";
import { microManifest, microParameters } from "@prosopon/models/testing";
import { read } from "@prosopon/provenance";
import { samplerNames } from "@prosopon/reenactment/samplers";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Outcome, patience, startProsopon } from "./start-prosopon.test.support.ts";

let root = "";
let person = "";
const inputs = () => join(root, "inputs");

/** Runs the command line; `onStderr` sees what it says while it runs. */
function prosopon(
  args: readonly string[],
  onStderr?: (text: string, kill: (signal: "SIGINT") => void) => void,
  shell?: string,
): Promise<Outcome> {
  const { child, ended } = startProsopon(args, { cwd: root, shell });
  child.stderr.on("data", (data) => onStderr?.(`${data}`, (signal) => child.kill(signal)));
  return ended;
}

/** A folder that is empty before, so that what is in it afterwards was written by the command. */
async function emptyFolder(): Promise<string> {
  return mkdtemp(join(root, "out-"));
}

const quick = ["--steps", "2", "--strength", "300"];

/** Runs a command that must be refused: exit code 2, one line, nothing written. */
async function refused(args: readonly string[], output?: string): Promise<string> {
  const folder = await emptyFolder();
  const { code, stdout, stderr } = await prosopon([...args, "-o", output ?? join(folder, "x.png")]);
  expect(stdout).toBe("");
  expect(stderr.trimEnd().split("\n").at(-1)).toMatch(/^prosopon: /);
  expect(stderr.split("\n").filter((line) => line.startsWith("prosopon: "))).toHaveLength(1);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(code).toBe(2);
  expect(await readdir(folder)).toEqual([]);
  return stderr;
}

async function addModel(kind: ModelKind, name = `micro-${kind}`): Promise<void> {
  const manifest = microManifest(kind, { name, role: "judge" });
  const { files: _, specification: __, ...fields } = manifest;
  await writeModel(join(root, "models"), { manifest: fields, parameters: microParameters(manifest) });
}

/** A PNG whose header promises more than its data hold. */
function hugeHeader(side: number): Uint8Array {
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(new Uint8Array(64))),
    chunk("IEND", new Uint8Array()),
  ]);
}

const noise = (width: number, height: number, channels: 3 | 4) =>
  sharp(
    Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 7919) % 251),
    { raw: { width, height, channels } },
  );

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "prosopon-cli-"));
  await mkdir(inputs());
  for (const kind of ["first-stage", "reenactment", "emotion-classifier"] as const) await addModel(kind);
  person = join(inputs(), "person.png");
  const drawn = await prosopon(["portrait", "--seed", "7", "-o", person]);
  expect(drawn).toMatchObject({ code: 0, stderr: "" });
}, patience);
afterAll(() => rm(root, { recursive: true, force: true }));

describe("portrait", () => {
  test("a marked picture; --json is one object", { timeout: patience }, async () => {
    const folder = await emptyFolder();
    const file = join(folder, "happy.webp");
    const { code, stdout } = await prosopon(["portrait", "--seed", "3", "--emotion", "joy", "-o", file]);
    expect([code, stdout]).toEqual([2, ""]);
    const args = ["--emotion", "happiness", "--intensity", "3", "--size", "200", "--json"];
    const drawn = await prosopon(["portrait", "--seed", "3", ...args, "-o", file]);
    expect(drawn.code).toBe(0);
    expect(JSON.parse(drawn.stdout)).toMatchObject({
      output: file,
      width: 200,
      people: [{ emotion: "happy", intensity: 3 }],
      warnings: [],
    });
    expect(drawn.stdout.trimEnd()).not.toContain("\n");
    const image = await readImage(file);
    expect([image.width, image.height, image.mime]).toEqual([200, 200, "image/webp"]);
    expect(read(await readFile(file))).toMatchObject({ kind: "algorithmicMedia", software: "Prosopon" });
    expect(await readdir(folder)).toEqual(["happy.webp"]);
  });

  test("a sheet, and its limits", { timeout: patience }, async () => {
    const file = join(await emptyFolder(), "sheet.png");
    expect((await prosopon(["portrait", "--seed", "1", "--sheet", "2x3", "--size", "64", "-o", file])).code).toBe(0);
    const { width, height } = await readImage(file);
    expect([width, height]).toEqual([4 + 3 * 68, 4 + 2 * 68]);
    expect(await refused(["portrait", "--seed", "1", "--sheet", "0x3"])).toContain("ROWSxCOLUMNS");
    expect(await refused(["portrait", "--seed", "1", "--sheet", "99x99", "--size", "2048"])).toContain("too large");
  });
});

describe("reenact", () => {
  test("a portrait becomes a marked picture, the same every time", { timeout: patience }, async () => {
    const folder = await emptyFolder();
    const [first, second] = [join(folder, "a.png"), join(folder, "b.png")];
    const args = ["reenact", person, "--to", "happy", ...quick, "--json"];
    const done = await prosopon([...args, "-o", first]);
    expect(done.code).toBe(0);
    const report = JSON.parse(done.stdout);
    expect(report).toMatchObject({
      model: "micro-reenactment",
      device: "cpu",
      to: ["happy"],
      settings: { steps: 2, strength: 300, guidance: 5, sampler: "dpmpp-2m", inversion: "dpmpp-2m", sigmas: "karras" },
      face: { aligned: true },
      photograph: false,
      width: 128,
    });
    expect(report.from.recognised).toBe(true);
    expect(emotions).toContain(report.from.emotion);
    expect(done.stderr).toContain("4/4");
    expect(read(await readFile(first))).toMatchObject({
      kind: "compositeWithTrainedAlgorithmicMedia",
      software: "Prosopon",
      model: "micro-reenactment",
    });
    expect((await prosopon([...args, "-o", second])).code).toBe(0);
    expect(await readFile(second)).toEqual(await readFile(first));
    expect((await readdir(folder)).sort()).toEqual(["a.png", "b.png"]);
  });

  test("a grid of six and a strip", { timeout: patience }, async () => {
    const folder = await emptyFolder();
    const grid = join(folder, "grid.png");
    const all = await prosopon(["reenact", person, "--from", "neutral", "--all", ...quick, "-o", grid, "--json"]);
    expect(JSON.parse(all.stdout).labels).toEqual(["happy", "sad", "surprised", "scared", "disgusted", "angry"]);
    const { width, height } = await readImage(grid);
    expect([width, height]).toEqual([4 + 3 * 132, 4 + 2 * 148]);
    const strip = join(folder, "strip.jpg");
    const args = ["--from", "neutral", "--to", "sad", "--sweep", "guidance", "--sampler", "dpmpp-2m", ...quick];
    const swept = await prosopon(["reenact", person, ...args, "-o", strip, "--json"]);
    expect(JSON.parse(swept.stdout).labels).toEqual([
      "guidance 1",
      "guidance 2",
      "guidance 3",
      "guidance 5",
      "guidance 8",
    ]);
    expect((await readImage(strip)).width).toBe(4 + 5 * 132);
    expect(read(await readFile(strip))?.kind).toBe("compositeWithTrainedAlgorithmicMedia");
  });

  test.each([
    ["cmyk.jpg", () => noise(96, 96, 3).toColourspace("cmyk").jpeg(), undefined],
    ["sixteen-bit.png", () => noise(96, 96, 3).toColourspace("rgb16").png(), undefined],
    ["alpha.png", () => noise(96, 96, 4).png(), "transparency was laid on white"],
    ["grey.png", () => noise(96, 96, 3).greyscale().png(), undefined],
  ])("%s is read", { timeout: patience }, async (name, make, warning) => {
    const file = join(inputs(), name);
    await writeFile(file, await make().toBuffer());
    const output = join(await emptyFolder(), "x.png");
    const args = ["--aligned", "--from", "neutral", "--to", "sad", ...quick, "-o", output, "--json"];
    const { code, stdout } = await prosopon(["reenact", file, ...args]);
    expect(code).toBe(0);
    const { warnings, width } = JSON.parse(stdout);
    expect(width).toBe(96);
    expect(warnings).toEqual(warning === undefined ? [] : [expect.stringContaining(warning)]);
  });

  test("of an animation the first frame, with a warning", { timeout: patience }, async () => {
    const file = join(inputs(), "animated.gif");
    const frames = await Promise.all(
      ["#ff0000", "#00ff00"].map((background) =>
        sharp({ create: { width: 64, height: 64, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    );
    await writeFile(
      file,
      await sharp(frames, { join: { animated: true } })
        .gif()
        .toBuffer(),
    );
    const output = join(await emptyFolder(), "x.png");
    const args = ["--aligned", "--from", "neutral", "--to", "sad", ...quick, "-o", output, "--json"];
    const { code, stdout } = await prosopon(["reenact", file, ...args]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).warnings).toEqual(["Only the first of 2 frames was read."]);
  });

  test.each([
    ["text.png", () => Buffer.from("no picture"), "No known image format"],
    ["empty.png", () => Buffer.alloc(0), "No known image format"],
    ["dot.png", () => noise(1, 1, 3).png().toBuffer(), "only 1 x 1 pixels"],
    ["huge.png", () => hugeHeader(20_000), "20000 x 20000 = 400000000 pixels"],
    ["cut.jpg", async () => (await noise(96, 96, 3).jpeg().toBuffer()).subarray(0, 2000), "damaged or cut off"],
    // 96 x 64 lying on its side: the message shows that it was turned.
    ["turned.jpg", () => noise(96, 64, 3).withMetadata({ orientation: 6 }).jpeg().toBuffer(), "64 x 96"],
  ])("%s is refused", { timeout: patience }, async (name, make, message) => {
    const file = join(inputs(), name);
    await writeFile(file, await make());
    expect(await refused(["reenact", file, "--to", "sad", ...quick])).toContain(message);
  });

  test.each([
    [["--to", "bored"], `Use one of ${emotions.join(", ")}.`],
    [["--to", "sad", "--from", "bored"], 'Unknown emotion "bored"'],
    [["--to", "sad", "--steps", "0"], "--steps 0 is out of range. Give a whole number, 1 to 1000."],
    [["--to", "sad", "--strength", "1000"], "--strength 1000 is out of range"],
    [["--to", "sad", "--strength", "5"], "8 steps do not fit below strength 5. Use at most 3 steps"],
    [["--to", "sad", "--model", "nothere"], 'There is no model "nothere"'],
    [["--to", "sad", "--model", "micro-first-stage"], "of the kind first-stage, not reenactment"],
    [["--to", "sad", "--sampler", "magic"], `Allowed choices are ${samplerNames.join(", ")}.`],
    [["--to", "sad", "--colour"], "Unknown option '--colour'. See prosopon reenact --help."],
    [["--to", "sad", "--aligned", "--face", "2"], "cannot be used with"],
    [["--to", "sad", "--all"], "--all goes with neither"],
    [[], "Give --to EMOTION, or --all."],
  ])("%j is refused", { timeout: patience }, async (args, message) => {
    expect(await refused(["reenact", person, ...args])).toContain(message);
  });

  test("a missing file, and outputs that cannot be written", { timeout: patience }, async () => {
    expect(await refused(["reenact", join(root, "absent.png"), "--to", "sad"])).toContain("absent.png");
    const args = ["reenact", person, "--from", "neutral", "--to", "sad", ...quick];
    expect(await refused(args, join(root, "absent", "x.png"))).toContain("does not exist");
    const before = await readFile(person);
    expect(await refused(args, person)).toContain("is the input");
    expect(await readFile(person)).toEqual(before);
    expect(await refused(args, join(root, "x.txt"))).toContain("Use .png, .jpg, .jpeg or .webp.");
    // Not even root can make files there.
    expect(await refused(args, "/proc/x.png")).toContain("/proc/x.png");
  });

  test("a full disk leaves nothing behind, and the older file as it was", { timeout: patience }, async () => {
    const folder = await emptyFolder();
    const file = join(folder, "x.png");
    await writeFile(file, "older");
    const args = ["reenact", person, "--from", "neutral", "--to", "sad", ...quick, "-o", file];
    const { code, stderr } = await prosopon(args, undefined, "ulimit -f 1");
    expect([code, stderr.split("\n").filter((line) => line.startsWith("prosopon: ")).length]).toEqual([2, 1]);
    expect(stderr).toContain("could not be written: the file would be larger than allowed");
    expect(await readdir(folder)).toEqual(["x.png"]);
    expect(await readFile(file, "utf8")).toBe("older");
  });

  test("Ctrl-C ends it with 130 and leaves nothing", { timeout: patience }, async () => {
    const folder = await emptyFolder();
    const args = ["reenact", person, "--from", "neutral", "--to", "sad", "--steps", "499", "--strength", "999"];
    const { code, stdout, stderr } = await prosopon([...args, "-o", join(folder, "x.png"), "--json"], (text, kill) => {
      if (text.includes("inversion")) kill("SIGINT");
    });
    expect(code).toBe(130);
    expect(stderr).toContain("prosopon: Cancelled; nothing was written.");
    expect(JSON.parse(stdout).error.code).toBe("cancelled");
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("models", () => {
  test("list and info", { timeout: patience }, async () => {
    const listed = JSON.parse((await prosopon(["models", "list", "--json"])).stdout);
    expect(listed.models.map((one: { name: string }) => one.name)).toEqual(
      expect.arrayContaining(["micro-emotion-classifier", "micro-first-stage", "micro-reenactment"]),
    );
    const info = await prosopon(["models", "info", "micro-reenactment"]);
    expect(info.stdout).toContain("hashes and shapes are right");
    const path = await prosopon(["models", "info", join(root, "models", "micro-reenactment"), "--json"]);
    expect(JSON.parse(path.stdout)).toMatchObject({ checked: true, manifest: { kind: "reenactment" } });
  });

  test("wrong hash, wrong shape, missing weights", { timeout: patience }, async () => {
    const copy = async (name: string) => {
      await addModel("reenactment", name);
      return join(root, "models", name);
    };
    const flipped = join(await copy("zz-flipped"), "model.safetensors");
    const bytes = await readFile(flipped);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(flipped, bytes);
    const args = ["reenact", person, "--to", "sad", "--model"];
    expect(await refused([...args, "zz-flipped"])).toMatch(/has the sha256 [0-9a-f]{64}, its model.json says/);

    const shaped = await copy("zz-shaped");
    const json = join(shaped, "model.json");
    const manifest = JSON.parse(await readFile(json, "utf8"));
    manifest.config.unet.model_channels = 16;
    await writeFile(json, JSON.stringify(manifest));
    expect(await refused([...args, shaped])).toMatch(/has the shape \[.*\], its config wants \[/);

    const cut = await copy("zz-cut");
    await truncate(join(cut, "model.safetensors"), 100);
    expect(await refused([...args, "zz-cut"])).toContain("has 100 bytes");
    await rm(join(cut, "model.safetensors"));
    expect(await refused([...args, "zz-cut"])).toContain("is missing");
    for (const name of ["zz-flipped", "zz-shaped", "zz-cut"]) await rm(join(root, "models", name), { recursive: true });
  });
});

describe("demo", () => {
  const demo = async (shell?: string) => {
    const folder = join(await emptyFolder(), "demo");
    const args = ["demo", "--people", "1", "--steps", "2", "--model", "micro-reenactment", "-o", folder, "--json"];
    const { code, stdout } = await prosopon(args, undefined, shell);
    expect(code).toBe(0);
    const names = (await readdir(folder)).sort();
    expect(JSON.parse(stdout).files).toHaveLength(names.length);
    const page = await readFile(join(folder, "index.html"), "utf8");
    const sources = [...page.matchAll(/src="([^"]+)"/g)].map((match) => match[1]!).sort();
    const kind = async (name: string) => read(await readFile(join(folder, name)))?.kind;
    return { names, page, sources, kind };
  };
  const pictures = ["contact-sheet.png", "grid.png", "portrait.png", "truth.png"];

  test("pictures, a film and a page that refers to nothing else", { timeout: patience }, async () => {
    const { names, sources, kind } = await demo();
    expect(names).toEqual([
      ...pictures.slice(0, 2),
      "index.html",
      "portrait.png",
      "speaking.mp4",
      "speech.wav",
      "truth.png",
    ]);
    expect(sources).toEqual([...pictures.slice(0, 3), "speaking.mp4", "truth.png"]);
    expect(await Promise.all(sources.map(kind))).toEqual([
      "compositeWithTrainedAlgorithmicMedia",
      "compositeWithTrainedAlgorithmicMedia",
      "algorithmicMedia",
      "trainedAlgorithmicMedia",
      "algorithmicMedia",
    ]);
  });

  test("without ffmpeg the page plays the frames with the sound", { timeout: patience }, async () => {
    const { names, page, kind } = await demo("export PROSOPON_FFMPEG=/nowhere/ffmpeg");
    expect(names).toContain("speaking.webp");
    expect(names).not.toContain("speaking.mp4");
    expect(await kind("speaking.webp")).toBe("trainedAlgorithmicMedia");
    expect(await kind("speaking-frames.webp")).toBe("trainedAlgorithmicMedia");
    for (const said of ["speaking-frames.webp", "speech.wav", "apt-get install ffmpeg"]) expect(page).toContain(said);
  });
});

test("doctor names what is there and what mends the rest", { timeout: patience }, async () => {
  const { code, stdout } = await prosopon(["doctor", "--json"]);
  expect(code).toBe(0);
  const { findings } = JSON.parse(stdout);
  const names = findings.map((finding: { name: string }) => finding.name);
  for (const name of ["node", "runtime", "device cpu", "device webgpu", "ffmpeg", "fonts", "model micro-reenactment"])
    expect(names).toContain(name);
  for (const { ok, mend, name } of findings) if (!ok) expect(mend, name).toBeTruthy();
  // What is on this machine is not called absent.
  for (const program of ["ffmpeg", "flite"]) {
    const there = spawnSync(program, ["-h"]).error === undefined;
    expect([program, findings.find(({ name }: { name: string }) => name === program).ok]).toEqual([program, there]);
  }
});

test("train lists its recipes and refuses unknown ones and settings", { timeout: patience }, async () => {
  const { code, stdout } = await prosopon(["train", "--json"]);
  expect(code).toBe(0);
  const { recipes } = JSON.parse(stdout);
  expect(recipes.length).toBeGreaterThan(2);
  expect(await refused(["train", "nothing"])).toContain("Choose one of");
  expect(await refused(["train", recipes[0].name, "--set", "colour=red"])).toContain('no setting "colour"');
});

test("help has examples for every command; failures speak JSON too", { timeout: patience }, async () => {
  for (const name of [
    [],
    ["reenact"],
    ["demo"],
    ["portrait"],
    ["models"],
    ["models", "list"],
    ["models", "info"],
    ["doctor"],
    ["train"],
  ]) {
    const { code, stdout } = await prosopon([...name, "--help"]);
    expect([name, code]).toEqual([name, 0]);
    expect(stdout).toMatch(/Usage: [\s\S]*Examples:/);
  }
  expect((await prosopon([])).code).toBe(2);
  for (const [args, message] of [
    [["dance"], "Unknown command 'dance'. See prosopon --help."],
    [["models", "pakc"], "Unknown command 'pakc'. Did you mean pack? See prosopon models --help."],
    [["evaluate", "dance"], "Unknown command 'dance'. See prosopon evaluate --help."],
    [
      ["evaluate", "study", "results", "x"],
      "Missing required argument 'answers'. See prosopon evaluate study results --help.",
    ],
  ] as const) {
    const { code, stderr } = await prosopon(args);
    expect([code, stderr]).toEqual([2, `prosopon: ${message}\n`]);
  }
  const failed = await prosopon(["models", "info", "nothere", "--json"]);
  expect(failed.code).toBe(2);
  expect(JSON.parse(failed.stdout).error).toMatchObject({ code: "not-found", values: { name: "nothere" } });
});

test("a reader that has seen enough ends nothing", { timeout: patience }, async () => {
  const { child, ended } = startProsopon(["--help"], { cwd: root });
  child.stdout.destroy();
  expect(await ended).toEqual({ code: 0, stdout: "", stderr: "" });
});

test.each([
  ["/commands/portrait.js", ["portrait", "--seed", "3", "-o", "early.png"]],
  ["/doctor/examine.js", ["doctor"]],
] as const)("Ctrl-C while %s is loaded is told like any other", { timeout: patience }, async (module, args) => {
  const hooks = `export async function load(url, context, next) {
    if (url.endsWith("${module}")) process.kill(process.pid, "SIGINT");
    return next(url, context);
  }`;
  const asUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
  const preload = asUrl(`import { register } from "node:module"; register(${JSON.stringify(asUrl(hooks))});`);
  const env = { NODE_OPTIONS: `--import=${preload}` };
  const outcome = await startProsopon([...args, "--json"], { cwd: root, env }).ended;
  const message = "Cancelled; nothing was written.";
  expect(outcome).toMatchObject({ code: 130, stderr: `prosopon: ${message}\n` });
  expect(JSON.parse(outcome.stdout)).toEqual({ error: { code: "cancelled", message } });
  expect(await readdir(root)).not.toContain("early.png");
});
