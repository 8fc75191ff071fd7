import type { Pronunciation } from "./pronunciation.ts";

// Graphemes by their place in a word ("^" begin, "$" end), longest context first. After the manner of Elovitz et al. 1976, much shorter.
const rules: readonly (readonly [pattern: RegExp, phones: string])[] = (
  [
    ["^kn", "N"],
    ["^gn", "N"],
    ["^wr", "R"],
    ["^ps", "S"],
    ["^wh(?=o)", "HH"],
    ["^x", "Z"],
    ["^y", "Y"],
    ["^the$", "DH AH"],
    ["^this$", "DH IH S"],
    ["^th(?=is|at|ose|ese|en|ey|eir|em|ere|us)", "DH"],
    ["tion", "SH AH N"],
    ["sion", "ZH AH N"],
    ["cious|tious", "SH AH S"],
    ["tial|cial", "SH AH L"],
    ["ture", "CH ER"],
    ["sure", "ZH ER"],
    ["ough(?=t)", "AO"],
    ["ough", "OW"],
    ["augh(?=t)", "AO"],
    ["augh", "AE F"],
    ["eigh", "EY"],
    ["igh", "AY"],
    ["dge", "JH"],
    ["tch", "CH"],
    ["sch", "S K"],
    ["qu", "K W"],
    ["ck", "K"],
    ["ch", "CH"],
    ["sh", "SH"],
    ["th", "TH"],
    ["ph", "F"],
    ["gh", ""],
    ["wh", "W"],
    ["ng$", "NG"],
    ["ng(?=s$)", "NG"],
    ["nk", "NG K"],
    ["mb$", "M"],
    ["mn$", "M"],
    ["oor|oar", "AO R"],
    ["air|are$", "EH R"],
    ["ear|eer", "IH R"],
    ["our", "AW ER"],
    ["ar", "AA R"],
    ["or", "AO R"],
    ["er|ir|ur", "ER"],
    ["ai|ay", "EY"],
    ["au|aw", "AO"],
    ["ee|ea|ie(?=[^s])", "IY"],
    ["ey$", "IY"],
    ["ei", "EY"],
    ["eu|ew|ue", "UW"],
    ["oa|oe", "OW"],
    ["oi|oy", "OY"],
    ["oo", "UW"],
    ["ou|ow(?=[a-z])", "AW"],
    ["ow$", "OW"],
    ["ies$", "IY Z"],
    ["(?<=[td])ed$", "IH D"],
    ["(?<=[pkfsx]|ch|sh)ed$", "T"],
    ["(?<=[a-z]{2})ed$", "D"],
    ["(?<=[a-z][^aeiou])le$", "AH L"],
    ["a(?=[^aeiouwxy]e)", "EY"],
    ["i(?=[^aeiouwx]e)", "AY"],
    ["o(?=[^aeiouwx]e)", "OW"],
    ["u(?=[^aeiouwx]e)", "UW"],
    ["e(?=[^aeiouwx]e$)", "IY"],
    ["(?<=[aeiouy][a-z]*)e$", ""],
    ["(?<=[aeiouy][a-z]*)e(?=s$)", ""],
    ["(?<=^[^aeiouy]+)e$", "IY"],
    ["(?<=^[^aeiouy]+)y$", "AY"],
    ["y$", "IY"],
    ["(?<=^[^aeiouy]+)o$", "OW"],
    ["c(?=[eiy])", "S"],
    ["g(?=[eiy])", "JH"],
    ["(?<=[aeioubdglmnrvw])s$", "Z"],
    ["(?<=[aeiou])s(?=[aeiou])", "Z"],
    ["x", "K S"],
    ["a$", "AH"],
    ["a", "AE"],
    ["e", "EH"],
    ["i", "IH"],
    ["o$", "OW"],
    ["o", "AA"],
    ["u", "AH"],
    ["y", "IH"],
    ["([bdfklmnprtz])\\1", "="],
    ["cc", "K"],
    ["gg", "G"],
    ["ss", "S"],
    ["vv", "V"],
    ["b", "B"],
    ["c", "K"],
    ["d", "D"],
    ["f", "F"],
    ["g", "G"],
    ["h", "HH"],
    ["j", "JH"],
    ["k", "K"],
    ["l", "L"],
    ["m", "M"],
    ["n", "N"],
    ["p", "P"],
    ["q", "K"],
    ["r", "R"],
    ["s", "S"],
    ["t", "T"],
    ["v", "V"],
    ["w", "W"],
    ["z", "Z"],
  ] as const
).map(([pattern, phones]) => [new RegExp(pattern, "y"), phones]);

/** A letter by itself is its name, but for the words a and I. */
const letterNames: Readonly<Record<string, string>> = {
  a: "AH",
  b: "B IY",
  c: "S IY",
  d: "D IY",
  e: "IY",
  f: "EH F",
  g: "JH IY",
  h: "EY CH",
  i: "AY",
  j: "JH EY",
  k: "K EY",
  l: "EH L",
  m: "EH M",
  n: "EH N",
  o: "OW",
  p: "P IY",
  q: "K Y UW",
  r: "AA R",
  s: "EH S",
  t: "T IY",
  u: "Y UW",
  v: "V IY",
  w: "D AH B AH L Y UW",
  x: "EH K S",
  y: "W AY",
  z: "Z IY",
};

/** English by its spelling, of letters a to z and apostrophes: a stop-gap for words that no dictionary knows. Never stressed, often wrong in vowels. */
export const spellingRules: Pronunciation = {
  specification: "pronunciation/v1",
  name: "spelling rules",
  phones(word) {
    const letters = word
      .normalize("NFD")
      .replace(/[\p{M}']/gu, "")
      .toLowerCase();
    if (!/^[a-z]+$/.test(letters)) return undefined;
    const name = letterNames[letters];
    if (name !== undefined) return name.split(" ");
    const phones: string[] = [];
    for (let at = 0; at < letters.length; ) {
      const [length, sound] = match(letters, at);
      phones.push(...sound.split(" ").filter(Boolean));
      at += length;
    }
    return phones.length > 0 ? phones : undefined;
  },
};

function match(letters: string, at: number): readonly [number, string] {
  for (const [pattern, phones] of rules) {
    pattern.lastIndex = at;
    const found = pattern.exec(letters);
    if (!found || found[0].length === 0) continue;
    // A doubled consonant sounds once.
    return phones === "=" ? [2, match(letters[at]!, 0)[1]] : [found[0].length, phones];
  }
  return [1, ""];
}
