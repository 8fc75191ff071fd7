import { expect, test } from "vitest";
import { cmuDictionary } from "./cmu-dictionary.ts";
import { firstPronunciation } from "./pronunciation.ts";
import { spellingRules } from "./spelling-rules.ts";
import { corpusVisemes } from "./viseme-table.ts";
import { visemeCharacters, visemeWords } from "./viseme-units.ts";

const dictionary = cmuDictionary(`;;; a comment
PAT  P AE1 T
BAT  B AE1 T
mat M AE T # another
READ  R EH1 D
READ(2)  R IY1 D
`);

test("a dictionary in CMU's format: the first pronunciation, without stress", () => {
  expect(dictionary.phones("pat")).toEqual(["P", "AE", "T"]);
  expect(dictionary.phones("read")).toEqual(["R", "EH", "D"]);
  expect(dictionary.phones("reads")).toBeUndefined();
  expect(dictionary.name).toContain("4 words");
  for (const [text, message] of [
    ["", /no entries/],
    ["HELLO", /Line 1 .* no entry/],
    ["A AH\nB 12", /Line 2/],
    ["<html>\n", /Line 1/],
  ] as const)
    expect(() => cmuDictionary(text)).toThrow(message);
});

test("words that look alike become one token", () => {
  const options = { pronunciation: dictionary, visemes: corpusVisemes };
  expect(visemeWords(options).tokens("Pat, bat MAT")).toEqual(["pat", "pat", "pat"]);
  expect(visemeCharacters(options).tokens("pat bat")).toEqual([..."pat pat"]);
  expect(visemeWords(options).tokens("")).toEqual([]);
  expect(() => visemeWords(options).tokens("pat 42")).toThrow(/"42" has no pronunciation/);
  const broken = { ...corpusVisemes, viseme: () => undefined };
  expect(() => visemeWords({ ...options, visemes: broken }).tokens("pat")).toThrow(/no phone "P"/);
});

test("spelling rules: a few words as a dictionary says them", () => {
  const said: Record<string, string> = {
    ship: "SH IH P",
    thin: "TH IH N",
    this: "DH IH S",
    knight: "N AY T",
    quick: "K W IH K",
    make: "M EY K",
    bottle: "B AA T AH L",
    station: "S T AE SH AH N",
    she: "SH IY",
    f: "EH F",
    "what's": "W AE T S",
  };
  for (const [word, phones] of Object.entries(said))
    expect([word, spellingRules.phones(word)?.join(" ")]).toEqual([word, phones]);
  expect(spellingRules.phones("42")).toBeUndefined();
  expect(spellingRules.phones("''")).toBeUndefined();
  // Any word of letters gives phones that the table knows.
  for (const word of ["xylophone", "rhythm", "psychology", "aeiou", "zzz", "café", "queueing"])
    for (const phone of spellingRules.phones(word)!)
      expect([word, corpusVisemes.viseme(phone)]).not.toContain(undefined);
  expect(firstPronunciation(dictionary, spellingRules).phones("ship")).toEqual(["SH", "IH", "P"]);
});
