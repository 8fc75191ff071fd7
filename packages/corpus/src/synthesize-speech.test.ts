import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { arpabetIpa } from "./arpabet.ts";
import { flite, fliteVoices } from "./flite.ts";
import type { Phone } from "./phone.ts";
import { sentence } from "./sentence.ts";
import { speaker } from "./speaker.ts";
import { type Speech, synthesizeSpeech } from "./synthesize-speech.ts";

const absent = spawnSync("flite", ["--version"]).error !== undefined && process.env["CI"] !== "true";
const why = absent ? " (skipped: flite is not installed)" : "";

/** Mean of `measure` over 10 ms pieces whose middle lies in one of `phones`, times moved by `shift` seconds. */
function mean({ samples, phones }: Speech, names: string, measure: (piece: Float32Array) => number, shift = 0): number {
  let [sum, count] = [0, 0];
  for (let at = 0; at + 160 <= samples.length; at += 160) {
    const time = (at + 80) / 16_000 - shift;
    const here = phones.find(({ start, end }: Phone) => time >= start && time < end);
    if (!here || !names.split(" ").includes(here.phone)) continue;
    sum += measure(samples.subarray(at, at + 160));
    count += 1;
  }
  expect(count).toBeGreaterThan(3);
  return sum / count;
}
const power = (piece: Float32Array): number => piece.reduce((sum, value) => sum + value * value, 0);
const crossings = (piece: Float32Array): number =>
  piece.reduce((sum, value, n) => sum + (n > 0 && value * piece[n - 1]! < 0 ? 1 : 0), 0);

describe.skipIf(absent)(`synthesizeSpeech${why}`, () => {
  it("is deterministic, mono at 16 kHz, with phones from 0 to the end without gaps", async () => {
    const [one, again, other] = await Promise.all(
      [7, 7, 8].map((seed) => synthesizeSpeech({ text: sentence(3), voice: "rms", seed })),
    );
    expect(again!.phones).toEqual(one!.phones);
    expect(Buffer.from(again!.samples.buffer).equals(Buffer.from(one!.samples.buffer))).toBe(true);
    expect(other!.samples.length).not.toBe(one!.samples.length);
    expect(one!.sampleRate).toBe(16_000);
    let end = 0;
    for (const phone of one!.phones) {
      expect(phone.start).toBeCloseTo(end, 9);
      expect(phone.end).toBeGreaterThan(phone.start);
      end = phone.end;
    }
    expect(end).toBeCloseTo(one!.samples.length / 16_000, 6);
  });

  it("keeps the phone times true whatever the speaker", async () => {
    for (const [seed, voice] of (["kal16", "awb", "rms", "slt", "kal"] as const).entries()) {
      const who = { ...speaker({ seed, voice }), formants: [0.86, 1.28, 1, 0.92, 1.1][seed]! };
      const said = await synthesizeSpeech({
        text: ["Sixty cases of sauce, a sister and a house.", "She saw six seas."],
        speaker: who,
        seed,
        recording: "clean",
      });
      const loudness = mean(said, "AA AE AO IY IH EH AW", power) / mean(said, "SIL", power);
      expect(loudness, voice).toBeGreaterThan(100);
      // An s hisses where the times say so; read 80 ms late it does so less (control).
      const hiss = mean(said, "S", crossings) / mean(said, "AA AE AO IY IH EH AW", crossings);
      const late = mean(said, "S", crossings, 0.08) / mean(said, "AA AE AO IY IH EH AW", crossings, 0.08);
      expect(hiss, voice).toBeGreaterThan(1.8);
      expect(hiss, voice).toBeGreaterThan(1.5 * late);
    }
  });

  it("is exactly as long as asked", async () => {
    for (const seconds of [0.5, 4.2]) {
      const said = await synthesizeSpeech({ text: "bin blue at F two now", seed: 1, seconds });
      expect(said.samples.length).toBe(Math.round(seconds * 16_000));
      expect(said.phones.at(-1)!.end).toBeCloseTo(seconds, 6);
    }
  });

  it("moves pitch apart from tempo", async () => {
    const who = { ...speaker({ seed: 1, voice: "rms" }), formants: 1, pitchDeviation: 10 };
    const lengths = await Promise.all(
      [1, 1.25].map(async (tempo) => {
        const { phones } = await synthesizeSpeech({ text: sentence(4), speaker: { ...who, tempo }, seed: 2 });
        return phones.reduce((sum, { phone, start, end }) => (phone === "SIL" ? sum : sum + end - start), 0);
      }),
    );
    expect(lengths[0]! / lengths[1]!).toBeCloseTo(1.25, 1);
  });

  it("says all phones of General American within a few dozen sentences", async () => {
    const text = Array.from({ length: 24 }, (_, index) => sentence(index)).join(" ");
    const { phones } = await flite({ text: text.slice(0, 2000), voice: "slt" });
    const heard = new Set<string>(phones.map(({ phone }) => phone));
    const rare = ["AXR", "DX", "EL", "EM", "EN", "HV", "IX", "NX", "Q", "UX"];
    expect(Object.keys(arpabetIpa).filter((phone) => !heard.has(phone) && !rare.includes(phone))).toEqual([]);
  });

  it("cancels", async () => {
    const signal = AbortSignal.abort();
    await expect(synthesizeSpeech({ text: "hello", signal })).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("flite", () => {
  it("says what to install where it is missing", async () => {
    await expect(flite({ text: "hello", voice: "slt", program: "no-such-flite" })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("apt-get install flite"),
    });
  });

  it("refuses empty and endless text and unknown voices", async () => {
    await expect(flite({ text: " ... ", voice: "slt" })).rejects.toThrow(/nothing to say/);
    await expect(flite({ text: "a".repeat(2001), voice: "slt" })).rejects.toThrow(/too much/);
    await expect(flite({ text: "hello", voice: "bob" as "slt" })).rejects.toThrow(/Unknown voice "bob"/);
    await expect(synthesizeSpeech({ text: "hello", seconds: -1 })).rejects.toThrow(/-1 seconds/);
    expect(fliteVoices).toContain("slt");
  });
});
