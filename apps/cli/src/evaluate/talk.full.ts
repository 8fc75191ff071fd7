import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { writeWav } from "@prosopon/media";
import { readSound } from "@prosopon/media/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluateCommand } from "../commands/evaluate.ts";

const clip = join(process.env["PROSOPON_DATA"] ?? "../shared/data", "clips/grid_bbaf2n.mpg");
let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "evaluate-talk-"));
});
afterAll(() => rm(root, { recursive: true }));

async function talk(...args: readonly string[]) {
  let stdout = "";
  const sink = (take: (text: string) => void) =>
    new Writable({
      write(chunk, _, done) {
        take(`${chunk}`);
        done();
      },
    });
  const command = evaluateCommand({
    version: "0",
    env: { PROSOPON_HOME: root },
    home: root,
    platform: "linux",
    signal: new AbortController().signal,
    stdout: sink((text) => {
      stdout += text;
    }),
    stderr: sink(() => {}),
  });
  await command.parseAsync(["talk", ...args, "--json"], { from: "user" });
  return JSON.parse(stdout);
}

describe.skipIf(!existsSync(clip))(`a person who speaks, ${clip} (skipped where it is absent)`, () => {
  test("mouth and sound belong together, and are found apart when the sound is moved", async () => {
    const own = await talk(clip, clip, "--plot", join(root, "talk.svg"), "--table", join(root, "talk.md"));
    expect(own).toMatchObject({ frames: 75, framesPerSecond: 25, missed: 0 });
    expect(own.offsetCorrelation).toBeGreaterThan(0.2);
    expect(own.openingInSpeech).toBeGreaterThan(own.openingInSilence);
    expect(own.identityAtEnd).toBeGreaterThan(0.9);
    expect(await readFile(join(root, "talk.svg"), "utf8")).toMatch(/^<svg/);
    expect(await readFile(join(root, "talk.md"), "utf8")).toContain("| offsetSeconds |");
    // The same sound 0.2 seconds earlier: the mouth is later by as much.
    const { sampleRate, channels } = await readSound(clip);
    const early = join(root, "early.wav");
    await writeFile(early, writeWav({ sampleRate, channels: [channels[0]!.slice(Math.round(0.2 * sampleRate))] }));
    const moved = await talk(clip, early);
    expect(moved.offsetSeconds - own.offsetSeconds).toBeCloseTo(0.2, 1);
  });
});
