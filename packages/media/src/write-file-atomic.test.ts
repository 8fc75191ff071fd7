import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import * as files from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { image } from "./image.ts";
import { readImage } from "./read-image.ts";
import { writeFileAtomic } from "./write-file-atomic.ts";
import { writeImage } from "./write-image.ts";

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof files>();
  return { ...real, open: vi.fn(real.open) };
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "prosopon-write-"));
});
afterEach(() => {
  vi.mocked(files.open).mockClear();
  rmSync(folder, { recursive: true });
});

/** Makes the next write put half of its bytes on the disk and then fail as the system would. */
function failWrite(code: string): void {
  const real = vi.mocked(files.open).getMockImplementation()!;
  vi.mocked(files.open).mockImplementationOnce(async (...parameters) => {
    const handle: FileHandle = await real(...parameters);
    handle.writeFile = async (data) => {
      await handle.write((data as Uint8Array).subarray(0, 2));
      throw Object.assign(new Error(`${code}: made up`), { code });
    };
    return handle;
  });
}

describe("writeFileAtomic", () => {
  test("writes new files and replaces old ones, leaving nothing beside them", async () => {
    const file = join(folder, "a.txt");
    await writeFileAtomic(file, "one");
    await writeFileAtomic(file, new Uint8Array([116, 119, 111]));
    expect(readFileSync(file, "utf8")).toBe("two");
    expect(readdirSync(folder)).toEqual(["a.txt"]);
  });

  test.each([
    ["ENOSPC", /the disk is full/],
    ["EDQUOT", /quota/],
    ["EIO", /EIO: made up/],
  ])("on %s half-way it removes the partial file and keeps the older one", async (code, reason) => {
    const file = join(folder, "a.txt");
    writeFileSync(file, "old");
    failWrite(code);
    const failure = writeFileAtomic(file, new Uint8Array(4));
    await expect(failure).rejects.toMatchObject({ code: "output", message: expect.stringMatching(reason) });
    expect(vi.mocked(files.open)).toHaveBeenCalledOnce();
    expect(readdirSync(folder)).toEqual(["a.txt"]);
    expect(readFileSync(file, "utf8")).toBe("old");
  });

  test("names a missing folder, a folder in its place and a file as a folder in one line", async () => {
    mkdirSync(join(folder, "sub"));
    writeFileSync(join(folder, "plain"), "");
    for (const [name, reason] of [
      ["none/a", /folder does not exist/],
      ["sub", /it is a folder/],
      ["plain/a", /not a folder/],
    ] as const) {
      const error = await writeFileAtomic(join(folder, name), "x").catch((reason: Error) => reason);
      expect(error).toMatchObject({ code: "output", message: expect.stringMatching(reason) });
      expect((error as Error).message).not.toContain("\n");
    }
    expect(readdirSync(folder).sort()).toEqual(["plain", "sub"]);
  });

  // A super-user may write into any ordinary folder, but not into this one.
  test.runIf(process.platform === "linux")("names a folder that may not be written", async () => {
    await expect(writeFileAtomic("/sys/prosopon-test", "x")).rejects.toMatchObject({
      code: "output",
      message: expect.stringMatching(/permission was denied|read-only/),
    });
  });
});

test("writeImage chooses the format by the extension", async () => {
  const picture = image(2, 1, 3, new Uint8Array([1, 2, 3, 4, 5, 6]));
  for (const [name, mime] of [
    ["a.png", "image/png"],
    ["b.JPG", "image/jpeg"],
    ["c.jpeg", "image/jpeg"],
    ["d.webp", "image/webp"],
  ] as const) {
    await writeImage(join(folder, name), picture);
    expect((await readImage(join(folder, name))).mime).toBe(mime);
  }
  expect((await readImage(join(folder, "a.png"))).data).toEqual(picture.data);
  await expect(writeImage(join(folder, "e.bmp"), picture)).rejects.toMatchObject({ code: "bad-input" });
  await expect(writeImage(join(folder, "none", "e.png"), picture)).rejects.toMatchObject({ code: "output" });
  expect(readdirSync(folder)).toHaveLength(4);
});
