/** The problem, unless something is so. */
export const missing = (problem, is) => (is ? [] : [problem]);

/** "1.1" to "1.n". */
const count = (frames, epoch) => Array.from({ length: frames }, (_, i) => `${epoch}.${i + 1}`);

const runs = (authors) => authors.filter((one, at) => one !== authors[at - 1]).length;

/**
 * What is wrong with what viewers saw of one job; nothing if each frame came once, in order and whole, under one end, alike for all. `frames` undefined: the
 * number is the end's. `authors` is how many attempts may have written, one after the other.
 */
export function judge(viewers, { frames, reason = "COMPLETED", epoch = 1, authors } = {}) {
  const problems = [];
  for (const seen of viewers) {
    const say = (problem) => problems.push(`${seen.transport}: ${problem}`);
    const last = seen.places.filter((place) => place.startsWith(`${epoch}.`));
    const wanted = frames ?? Number(seen.ends[0]?.split(" ")[1] ?? Number.NaN);
    if (seen.error) say(seen.error);
    if (last.join() !== count(wanted || 0, epoch).join())
      say(`${last.length} frames of ${wanted} (${new Set(last).size} different, last ${last.at(-1)})`);
    if (epoch === 1 && last.length !== seen.places.length) say("frames of another epoch");
    if (seen.resets !== epoch - 1) say(`${seen.resets} resets`);
    if (seen.ends.length !== 1 || seen.ends[0] !== `${reason} ${wanted}`) say(`ends: ${seen.ends.join() || "none"}`);
    if (seen.after > 0) say(`${seen.after} events after the end`);
    if (seen.gaps.length > 0) say(`gaps: ${seen.gaps.join()}`);
    if (seen.wrong > 0) say(`${seen.wrong} frames with the content of others`);
    if (authors !== undefined && runs(seen.authors) !== authors)
      say(`${runs(seen.authors)} authors in turn, not ${authors}`);
  }
  const bytes = new Map();
  for (const { places, hashes } of viewers)
    for (const [at, place] of places.entries()) bytes.set(place, (bytes.get(place) ?? new Set()).add(hashes[at]));
  const differing = [...bytes.values()].filter((hashes) => hashes.size > 1).length;
  if (differing > 0) problems.push(`${differing} frames differ between viewers`);
  return problems;
}

/** The judge's own control: each doctored record must be found, the sound one must not. @returns what it let pass or blamed. */
export function judgeControl() {
  const good = () => ({
    transport: "control",
    places: ["1.1", "1.2", "1.3"],
    hashes: ["a", "b", "c"],
    authors: ["7", "7", "8"],
    resets: 0,
    gaps: [],
    ends: ["COMPLETED 3"],
    after: 0,
    wrong: 0,
  });
  const rule = { frames: 3, authors: 2 };
  const doctored = {
    "a frame twice": { places: ["1.1", "1.2", "1.2", "1.3"] },
    "a frame missing": { places: ["1.1", "1.3"] },
    "frames out of order": { places: ["1.1", "1.3", "1.2"] },
    "no end": { ends: [] },
    "two ends": { ends: ["COMPLETED 3", "COMPLETED 3"] },
    "an event after the end": { after: 1 },
    "another end": { ends: ["FAILED 3"] },
    "a new epoch": { places: ["2.1", "2.2", "2.3"], resets: 1 },
    "a zombie between": { authors: ["7", "8", "7"] },
    "other bytes": { hashes: ["a", "b", "x"] },
    "a gap": { gaps: ["1-1"] },
    "another frame's content": { wrong: 1 },
  };
  const missed = Object.entries(doctored).flatMap(([name, change]) =>
    judge([good(), { ...good(), ...change }], rule).length === 0 ? [name] : [],
  );
  return judge([good(), good()], rule).length === 0 ? missed : ["a sound record was blamed", ...missed];
}
