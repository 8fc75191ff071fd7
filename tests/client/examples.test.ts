import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type FakeApplication, fakeGateway } from "@prosopon/client/testing";
import { build } from "esbuild";
import { expect, test } from "vitest";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const film = Uint8Array.from({ length: 300 }, (_, i) => i % 256);

const talk: FakeApplication = async function* ({ file, input }) {
  const portrait = file(input["picture"]);
  file(input["speech"]);
  for (let i = 0; i < 3; i += 1) yield { data: portrait };
  return { name: "film.mp4", mime: "video/mp4", content: film };
};
const reenact: FakeApplication = async function* ({ input }) {
  yield { progress: { label: String(input["to"]), done: 1, total: 1 } };
  return { name: "edit.png", mime: "image/png", content: film };
};

test("the examples run as their first lines say", async () => {
  await using gateway = await fakeGateway({ applications: { talk, reenact }, token: "key" });
  const folder = await mkdtemp(join(tmpdir(), "prosopon-examples-"));
  try {
    const at = (name: string): string => join(folder, name);
    await writeFile(at("face.png"), Uint8Array.of(1, 2, 3, 4));
    await writeFile(at("speech.wav"), Uint8Array.of(5));
    const example = async (name: string, ...parameters: string[]): Promise<string> => {
      const env = { ...process.env, PROSOPON_URL: gateway.url, PROSOPON_TOKEN: "key" };
      const { stdout } = await run(process.execPath, [join(root, "examples", name), ...parameters], { env });
      return stdout;
    };
    const frames = await example("talk.mjs", at("face.png"), at("speech.wav"), at("film.mp4"));
    expect(frames).toBe("frame 1, 4 bytes\nframe 2, 4 bytes\nframe 3, 4 bytes\n");
    expect(Uint8Array.from(await readFile(at("film.mp4")))).toEqual(film);
    expect(await example("reenact.mjs", at("face.png"), "sad", at("sad.png"))).toContain("COMPLETED");
    expect(Uint8Array.from(await readFile(at("sad.png")))).toEqual(film);
    const all = (await example("resume.mjs", "job-1")).trim().split("\n");
    expect(all.map((line) => line.split(" ")[0])).toEqual(["1", "2", "3"]);
    expect(await example("resume.mjs", "job-1", all[1]!.split(" ")[1]!)).toBe(`${all[2]}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("the page's example bundles for a browser", async () => {
  const entryPoints = [join(root, "examples/page/main.mjs")];
  const { outputFiles, warnings } = await build({
    entryPoints,
    bundle: true,
    format: "esm",
    write: false,
    logLevel: "silent",
  });
  expect(warnings).toEqual([]);
  expect(outputFiles[0]!.text).not.toMatch(/from"?\s*"(?:node:|ws)/);
  expect(outputFiles[0]!.text.length).toBeGreaterThan(10_000);
});
