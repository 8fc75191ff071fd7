import { expect, test } from "vitest";
import { binomialInterval } from "./binomial-interval.ts";
import { planStudy } from "./plan-study.ts";
import { readStudyPlan } from "./read-study-plan.ts";
import { studyPage } from "./study-page.ts";
import { type StudyAnswer, studyResults } from "./study-results.ts";

const items = Array.from({ length: 10 }, (_, i) => ({
  item: `face ${i}`,
  pictures: { ours: `ours/${i}.png`, theirs: `theirs/${i}.png`, original: `original/${i}.png` },
}));
const preference = planStudy({ kind: "preference", participants: 8, items, against: "ours" });

test("preferences: everybody sees every pair, sides are balanced over people and pairs", () => {
  expect(preference.participants).toHaveLength(8);
  for (const trials of preference.participants) {
    expect(trials).toHaveLength(20);
    const left = trials.filter((trial) => trial.kind === "preference" && trial.left.method === "ours");
    expect(left).toHaveLength(10);
  }
  for (const { item } of items)
    for (const other of ["theirs", "original"]) {
      const seen = preference.participants
        .flat()
        .flatMap((trial) => (trial.kind === "preference" && trial.item === item ? [trial] : []));
      const pair = seen.filter(({ left, right }) => left.method === other || right.method === other);
      expect(pair).toHaveLength(8);
      expect(pair.filter(({ left }) => left.method === "ours")).toHaveLength(4);
    }
  // Orders differ; the same options give the same plan, another seed another.
  expect(preference.participants[0]).not.toEqual(preference.participants[2]);
  expect(planStudy({ kind: "preference", participants: 8, items, against: "ours" })).toEqual(preference);
  expect(planStudy({ kind: "preference", participants: 8, items, against: "ours", seed: 2 })).not.toEqual(preference);
});

test("results of people who prefer one method three times out of four", async () => {
  const answers: StudyAnswer[] = preference.participants.flatMap((trials, participant) =>
    trials.map((trial, index) => {
      if (trial.kind !== "preference") throw new Error("not planned");
      const wanted = (participant + index) % 4 === 0 ? "other" : "ours";
      const oursLeft = trial.left.method === "ours";
      return { participant, trial: index, answer: oursLeft === (wanted === "ours") ? "left" : "right" };
    }),
  );
  const { shares, participants } = await studyResults(preference, answers);
  expect(participants).toBe(8);
  const [original, theirs] = shares;
  expect([original!.name, theirs!.name]).toEqual(["original over ours", "ours over theirs"]);
  expect(theirs!.share + (1 - original!.share)).toBeCloseTo(1.5, 12);
  for (const { share, binomial, bootstrap } of shares)
    for (const { low, high } of [binomial, bootstrap]) expect(low <= share && share <= high).toBe(true);
  const twice = [...answers, answers[0]!];
  await expect(studyResults(preference, twice)).rejects.toThrow(/or is there twice/);
  await expect(studyResults(preference, [{ participant: 9, trial: 0, answer: "left" }])).rejects.toThrow(
    /does not belong/,
  );
  await expect(studyResults(preference, [{ participant: 0, trial: 0, answer: "middle" }])).rejects.toThrow(/"middle"/);
  await expect(studyResults(preference, [])).rejects.toThrow(/no answers/);
});

test("naming: the share of right names of each method", async () => {
  const plan = planStudy({
    kind: "naming",
    participants: 3,
    emotions: ["happy", "sad"],
    items: ["ours", "theirs"].map((method) => ({ item: "a", method, picture: `${method}.png`, emotion: "happy" })),
  });
  const answers = plan.participants.flatMap((trials, participant) =>
    trials.map((trial, index) => ({
      participant,
      trial: index,
      answer: trial.kind === "naming" && trial.method === "ours" ? "happy" : "sad",
      milliseconds: 900,
    })),
  );
  const { shares } = await studyResults(plan, answers);
  expect(shares.map(({ name, share, count }) => [name, share, count])).toEqual([
    ["ours", 1, 3],
    ["theirs", 0, 3],
  ]);
  expect(() =>
    planStudy({
      kind: "naming",
      participants: 1,
      emotions: ["happy", "sad"],
      items: [{ item: "a", method: "m", picture: "p", emotion: "angry" }],
    }),
  ).toThrow(/"angry"/);
  expect(() =>
    planStudy({ kind: "preference", participants: 1, items: [{ item: "a", pictures: { one: "1.png" } }] }),
  ).toThrow(/two methods/);
  expect(() => planStudy({ kind: "preference", participants: 0, items } as never)).toThrow(/cannot be planned/);
});

test("the exact interval: values of tables", () => {
  expect(binomialInterval(5, 10)).toMatchObject({ low: expect.closeTo(0.18709, 5), high: expect.closeTo(0.81291, 5) });
  expect(binomialInterval(0, 10)).toMatchObject({ low: 0, high: expect.closeTo(0.3085, 5) });
  expect(binomialInterval(10, 10)).toMatchObject({ low: expect.closeTo(0.6915, 5), high: 1 });
  expect(() => binomialInterval(3, 2)).toThrow(/3 of 2/);
});

test("the page holds the plan and nothing that ends its script early", () => {
  const nasty = planStudy({
    kind: "preference",
    title: 'Which <b>?"',
    participants: 1,
    items: [{ item: "a face", pictures: { "the secret method": "</script><script>alert(1)", b: "b.png" } }],
  });
  const page = studyPage(nasty);
  expect(page.match(/<\/script>/g)).toHaveLength(2);
  expect(page).toContain("<title>Which &lt;b&gt;?&quot;</title>");
  const data = /<script type="application\/json" id="plan">(.*)<\/script>/.exec(page)![1]!;
  // Pictures alone: who made them and what is right are not for participants.
  const [trial] = nasty.participants[0]!;
  if (trial?.kind !== "preference") throw new Error("not planned");
  expect(JSON.parse(data)).toEqual({ participants: [[[trial.left.picture, trial.right.picture]]] });
  expect(page).not.toMatch(/https?:|secret/);
});

test("a plan that was kept is read again, and nothing else is", () => {
  const kept = JSON.parse(JSON.stringify(preference));
  expect(readStudyPlan(kept)).toEqual(preference);
  const bad = expect.objectContaining({ code: "bad-file" });
  for (const other of [null, [], { ...kept, extra: 1 }, { ...kept, participants: [] }, { ...kept, kind: "naming" }])
    expect(() => readStudyPlan(other)).toThrow(bad);
});
