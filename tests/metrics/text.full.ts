import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  alignTokens,
  characters,
  cmuDictionary,
  corpusVisemes,
  type Metric,
  type TextErrorRate,
  type TextPair,
  textErrorRate,
  tokenErrors,
  visemeWords,
  words,
} from "@prosopon/metrics";
import { describe, expect, test } from "vitest";

const folder = process.env["PROSOPON_DATA"] ?? "../shared/data";
const present = existsSync(join(folder, "reference", "wer_cer.json"));
const read = (file: string) => JSON.parse(readFileSync(join(folder, "reference", file), "utf8"));

interface Known {
  readonly ref: string;
  readonly hyp: string;
  readonly wer: number;
  readonly mer: number;
  readonly wil: number;
  readonly cer: number;
}
type KnownList = Omit<Known, "ref" | "hyp"> & { readonly refs: string[]; readonly hyps: string[] };

function judged(metric: Metric<TextPair, TextErrorRate>, refs: readonly string[], hyps: readonly string[]) {
  const judgement = metric.start();
  refs.forEach((reference, i) => void judgement.add({ reference, hypothesis: hyps[i]! }));
  return judgement.result();
}

describe.skipIf(!present)(`WER and CER of others in ${folder} (skipped where the data are absent)`, () => {
  const known = present ? read("wer_cer.json") : {};

  test("jiwer's own tests, words: rate, match error rate, information lost", () => {
    for (const { ref, hyp, wer, mer, wil } of known.wer_single as Known[]) {
      const found = judged(textErrorRate(words()), [ref], [hyp]);
      expect([ref, hyp, found.rate, found.matchErrorRate]).toEqual([ref, hyp, wer, mer]);
      expect(found.informationLost).toBeCloseTo(wil, 14);
    }
    for (const { refs, hyps, wer, mer, wil } of known.wer_corpus as KnownList[]) {
      const found = judged(textErrorRate(words()), refs, hyps);
      expect([found.rate, found.matchErrorRate, found.informationLost]).toEqual([wer, mer, expect.closeTo(wil, 14)]);
    }
    // Lists that fall into sentences differently are compared as one text.
    for (const { refs, hyps, wer, mer, wil } of known.wer_contiguous as KnownList[]) {
      const found = judged(textErrorRate(words()), [refs.join(" ")], [hyps.join(" ")]);
      expect([found.rate, found.matchErrorRate, found.informationLost]).toEqual([wer, mer, expect.closeTo(wil, 14)]);
    }
  });

  test("jiwer's own tests, characters", () => {
    for (const { ref, hyp, cer } of known.cer as Known[])
      expect([ref, hyp, judged(textErrorRate(characters()), [ref], [hyp]).rate]).toEqual([ref, hyp, cer]);
    for (const { refs, hyps, cer } of known.cer_corpus as KnownList[])
      expect(judged(textErrorRate(characters()), refs, hyps).rate).toBe(cer);
  });

  test("PocketSphinx's own counts on GRID sentences", () => {
    const items = (read("asr_pocketsphinx.json").items as Record<string, string | number>[]).filter(
      (item) => item["hyp_grid_grammar"] !== undefined,
    );
    expect(items.length).toBeGreaterThan(5);
    for (const { ref, hyp_grid_grammar: hyp, word_errors: errors } of items) {
      const { substitutions, deletions, insertions } = tokenErrors(`${ref}`.split(" "), `${hyp}`.split(" "));
      expect(substitutions + deletions + insertions).toBe(errors);
    }
  });

  test("words that a real dictionary pronounces alike on the lips are no errors", () => {
    const dictionary = readFileSync(join(folder, "experts/pocketsphinx/en-us/cmudict-en-us.dict"), "utf8");
    const pronunciation = cmuDictionary(dictionary);
    expect(pronunciation.phones("hello")).toEqual(["HH", "AH", "L", "OW"]);
    const units = visemeWords({ pronunciation, visemes: corpusVisemes });
    expect(units.tokens("Pat, bat mat!")).toEqual(["pat", "pat", "pat"]);
    const all = judged(textErrorRate(units), ["bin blue at fine two now"], ["pin blue at vine too now"]);
    expect(all.rate).toBe(0);
    expect(judged(textErrorRate(words()), ["bin blue at fine two now"], ["pin blue at vine too now"]).rate).toBe(0.5);
    // Every word of a real dictionary has its visemes.
    let count = 0;
    for (const line of dictionary.split("\n").filter((_, i) => i % 50 === 0)) {
      const word = line.split(" ")[0]!.replace(/\(\d+\)$/, "");
      const phones = pronunciation.phones(word);
      if (!phones) continue;
      count++;
      for (const phone of phones) expect([word, phone, corpusVisemes.viseme(phone)]).not.toContain(undefined);
    }
    expect(count).toBeGreaterThan(2000);
  });
});

test("a long text is aligned in reasonable memory", () => {
  const a = Array.from({ length: 4000 }, (_, i) => `${(i * 7919) % 97}`);
  const b = a.filter((_, i) => i % 10 !== 3);
  expect(alignTokens(a, b).filter(({ kind }) => kind === "deletion")).toHaveLength(400);
});
