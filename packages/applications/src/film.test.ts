import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { image } from "@prosopon/media";
import { read } from "@prosopon/provenance";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFilm } from "./film.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "prosopon-film-"));
});
afterAll(() => rm(root, { recursive: true }));

async function film(file: string, note: string): Promise<void> {
  const { signal } = new AbortController();
  const options = { width: 16, height: 16, framesPerSecond: 25, kind: "trainedAlgorithmicMedia", signal } as const;
  await using made = await openFilm(file, { ...options, details: { software: "Prosopon", note } });
  for (let index = 0; index < 3; index++) await made.write(image(16, 16, 3));
  await made.close();
}

test.each(["a.webp", "a.mp4"])("%s appears with its mark, or not at all", async (name) => {
  const folder = await mkdtemp(join(root, "out-"));
  const file = join(folder, name);
  await writeFile(file, "older");
  // A note that no mark can hold.
  await expect(film(file, "n".repeat(3000))).rejects.toMatchObject({ code: "bad-input" });
  expect(await readdir(folder)).toEqual([name]);
  expect(await readFile(file, "utf8")).toBe("older");
  await film(file, "short");
  expect(await readdir(folder)).toEqual([name]);
  expect(read(await readFile(file))).toMatchObject({ kind: "trainedAlgorithmicMedia", note: "short" });
});
