import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { arpabetIpa, arpabetToIpa } from "./arpabet.ts";
import { ipaToViseme, visemesOf } from "./ipa-viseme.ts";
import { gesturesOf } from "./phone-gestures.ts";
import { visemes } from "./viseme.ts";

// A copy of the table that lip-reading scores are published with; not ours to ship, so the comparison needs the test data.
const lexicon = join(process.env["PROSOPON_DATA"] ?? "../shared/data", "lexicon/phonemes2visemes.csv");

describe("phones to visemes", () => {
  it("knows every ARPAbet phone, with and without stress, in any case", () => {
    for (const phone of Object.keys(arpabetIpa)) {
      expect(ipaToViseme(arpabetToIpa(phone)), phone).toBeDefined();
      const total = gesturesOf(phone).reduce((sum, { share }) => sum + share, 0);
      expect(total, phone).toBeCloseTo(1, 12);
    }
    expect(visemesOf(["HH", "ah0", "L", "OW1", "pau", "w", "ER1", "l", "D"])).toEqual(
      ["k", "E", "t", "o", "", "u", "E", "t", "t"], // "hello world", after Polly's table
    );
    expect(() => visemesOf(["XX"])).toThrow(/Unknown phone "XX"/);
    expect(ipaToViseme("x")).toBeUndefined();
  });

  it("shapes the mouth as the table classes the phone", () => {
    // A diphthong begins with its class; ər-coloured vowels, əl and the glottal stop have no single shape of their own.
    for (const phone of Object.keys(arpabetIpa)) {
      const [viseme] = visemesOf([phone]);
      if (!(visemes as readonly string[]).includes(viseme!)) continue;
      expect(gesturesOf(phone)[0]!.viseme, phone).toBe(viseme);
    }
  });

  it.skipIf(!existsSync(lexicon))("agrees with the published table in every phone", () => {
    const rows = readFileSync(lexicon, "utf8").trim().split("\n");
    expect(rows.length).toBe(67);
    const differing = rows
      .map((row) => row.trim().split(","))
      .filter(([phone, , , , viseme]) => ipaToViseme(phone!.normalize("NFC")) !== viseme);
    expect(differing).toEqual([]);
  });
});
