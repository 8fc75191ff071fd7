import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isProsoponError } from "@prosopon/errors";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { mark } from "./mark.ts";
import { markFile, readFileMark } from "./mark-file.ts";
import { read } from "./read.ts";

const folder = mkdtempSync(join(tmpdir(), "prosopon-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const box = (type: string, body: readonly number[], size = 8 + body.length): number[] => [
  ...[size >>> 24, (size >>> 16) & 255, (size >>> 8) & 255, size & 255],
  ...Array.from(type, (character) => character.charCodeAt(0)),
  ...body,
];
const ftyp = box("ftyp", [...Array.from("isom", (one) => one.charCodeAt(0)), 0, 0, 2, 0]);
const body = Array.from({ length: 300 }, (_, at) => (at * 7) % 251);
const film = (...boxes: number[][]) => Uint8Array.from([...ftyp, ...boxes.flat()]);
const films: Record<string, Uint8Array> = {
  "index first": film(box("moov", body.slice(0, 60)), box("mdat", body)),
  "index last": film(box("mdat", body), box("moov", body.slice(0, 60))),
  "open end": film(box("moov", body.slice(0, 60)), box("mdat", body, 0)),
  "long length": film(box("moov", body.slice(0, 60)), [...box("mdat", [0, 0, 0, 0, 0, 0, 1, 60, ...body], 1)]),
  fragments: film(box("moov", []), box("moof", body.slice(0, 9)), box("mdat", body), box("mfra", [1, 2, 3])),
};
const DETAILS = { software: "Prosopon <&>", model: "modèle" };

describe.each(Object.entries(films))("%s", (_name, file) => {
  test("what was marked is read back; media data stay in their places; a second mark replaces the first", async () => {
    expect(read(file)).toBeUndefined();
    const before = Uint8Array.from(file);
    const once = mark(file, "video/mp4", "trainedAlgorithmicMedia", DETAILS);
    expect(file).toEqual(before);
    expect(read(once)).toMatchObject({ kind: "trainedAlgorithmicMedia", ...DETAILS });
    const places = Array.from(file.keys()).filter((at) => once[at] !== file[at]);
    // Only the length of an open box is written out, and what must be last moves.
    for (const at of places) expect(at >= file.length - 11 || (at >= 84 && at < 88)).toBe(true);
    const twice = mark(once, "video/mp4", "composite");
    expect(twice).toEqual(mark(file, "video/mp4", "composite"));
    expect(read(twice)).toEqual({
      kind: "composite",
      uri: "http://cv.iptc.org/newscodes/digitalsourcetype/composite",
    });
    expect(mark(mark(file, "video/mp4", "composite"), "video/mp4", "composite")).toEqual(twice);

    // The same by file, in place and to another place.
    const path = join(folder, "a.mp4");
    writeFileSync(path, file);
    expect(await readFileMark(path)).toBeUndefined();
    await markFile(path, { kind: "trainedAlgorithmicMedia", ...DETAILS });
    expect(Uint8Array.from(readFileSync(path))).toEqual(once);
    expect(await readFileMark(path)).toEqual(read(once));
    await markFile(path, { kind: "composite", output: join(folder, "b.mp4") });
    expect(Uint8Array.from(readFileSync(join(folder, "b.mp4")))).toEqual(twice);
    expect(Uint8Array.from(readFileSync(path))).toEqual(once);
    expect(readdirSync(folder).toSorted()).toEqual(["a.mp4", "b.mp4"]);
  });

  test("cut or damaged, it ends in a result or in bad-file", () => {
    const marked = mark(file, "video/mp4");
    fc.assert(
      fc.property(
        fc.constantFrom(file, marked),
        fc.nat(marked.length),
        fc.array(fc.tuple(fc.nat(marked.length), fc.nat(255)), { maxLength: 4 }),
        (whole, length, edits) => {
          const damaged = Uint8Array.from(whole.subarray(0, length));
          for (const [at, value] of edits) if (at < damaged.length) damaged[at] = value;
          for (const attempt of [() => mark(damaged, "video/mp4"), () => read(damaged)]) {
            try {
              attempt();
            } catch (error) {
              if (!isProsoponError(error)) throw error;
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

test("an XMP box before the media data becomes free space, so that nothing moves", () => {
  const marked = mark(films["index last"]!, "video/mp4", "digitalCapture");
  const xmp = Array.from(marked.subarray(films["index last"]!.length));
  const early = film(xmp, box("moov", body.slice(0, 60)), box("mdat", body));
  expect(read(early)?.kind).toBe("digitalCapture");
  const again = mark(early, "video/mp4", "composite");
  expect(again.subarray(ftyp.length + 4, ftyp.length + 8)).toEqual(Uint8Array.from([0x66, 0x72, 0x65, 0x65]));
  expect(again.subarray(ftyp.length + 8, early.length)).toEqual(early.subarray(ftyp.length + 8));
  expect(read(again)?.kind).toBe("composite");
});

test("refuses what is cut off or no film, by bytes and by file", async () => {
  const file = films["index first"]!;
  for (let length = 0; length < file.length; length += 7) {
    expect(() => mark(file.subarray(0, length), "video/mp4")).toThrow(expect.objectContaining({ code: "bad-file" }));
  }
  expect(() => mark(file, "image/png")).toThrow(/are video\/mp4, not image\/png/);
  await expect(markFile(join(folder, "absent.mp4"))).rejects.toMatchObject({ code: "not-found" });
  await expect(readFileMark(folder)).rejects.toMatchObject({ code: "bad-input" });
  writeFileSync(join(folder, "c.mp4"), file);
  await expect(markFile(join(folder, "c.mp4"), { output: join(folder, "no", "c.mp4") })).rejects.toMatchObject({
    code: "output",
  });
});

const absent = spawnSync("ffmpeg", ["-version"]).error !== undefined && process.env["CI"] !== "true";

// Skips where ffmpeg is not installed.
test.skipIf(absent).each([
  ["faststart", "+faststart"],
  ["plain", "+use_metadata_tags"],
  ["fragmented", "+frag_keyframe+empty_moov"],
])("a %s film of ffmpeg plays as before, picture and sound", async (name, flags) => {
  const path = join(folder, `${name}.mp4`);
  const inputs = ["-f", "lavfi", "-i", "testsrc=s=64x48:d=2:r=25", "-f", "lavfi", "-i", "sine=duration=2"];
  const coding = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", flags];
  execFileSync("ffmpeg", ["-v", "error", ...inputs, ...coding, path]);
  const played = () => execFileSync("ffmpeg", ["-v", "error", "-i", path, "-map", "0", "-f", "md5", "-"]).toString();
  const probed = () => execFileSync("ffprobe", ["-v", "error", "-show_streams", "-of", "json", path]).toString();
  const before = [played(), probed()];
  await markFile(path, { kind: "trainedAlgorithmicMedia", ...DETAILS });
  expect([played(), probed()]).toEqual(before);
  expect(await readFileMark(path)).toMatchObject({ kind: "trainedAlgorithmicMedia", ...DETAILS });
  expect(read(readFileSync(path))).toMatchObject(DETAILS);
});
