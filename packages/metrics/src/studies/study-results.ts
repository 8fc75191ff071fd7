import { ProsoponError } from "@prosopon/errors";
import { z } from "zod";
import { type BootstrapOptions, bootstrap, type Interval } from "../bootstrap.ts";
import { binomialInterval } from "./binomial-interval.ts";
import type { StudyPlan } from "./plan-study.ts";

const answers = z.array(
  z.strictObject({
    participant: z.int().min(0),
    /** Number of the trial in the participant's order. */
    trial: z.int().min(0),
    /** `left` or `right`, or the emotion. */
    answer: z.string().min(1),
    /** Milliseconds until the answer. */
    milliseconds: z.number().min(0).optional(),
  }),
);

/** What the page of `studyPage` saves. */
export type StudyAnswer = z.output<typeof answers>[number];

export interface StudyShare {
  /** The method, or in a preference study the pair `method over other`. */
  readonly name: string;
  /** Share of answers for the method; in a naming study of right names. */
  readonly share: number;
  readonly count: number;
  /** Clopper and Pearson 1934: as if all answers were independent. */
  readonly binomial: Interval;
  /** Over participants, drawn with repetition: answers of one person belong together. */
  readonly bootstrap: Interval;
}

export interface StudyResults {
  readonly kind: StudyPlan["kind"];
  readonly participants: number;
  readonly answers: number;
  readonly shares: readonly StudyShare[];
}

/**
 * Evaluates a study. Each pair of methods of a preference study gives one share, of the one named first in the plan's items over the other.
 * @throws `bad-input` for answers that do not belong to the plan, twice the same trial, none at all.
 */
export async function studyResults(
  plan: StudyPlan,
  given: readonly StudyAnswer[],
  options: BootstrapOptions = {},
): Promise<StudyResults> {
  const parsed = answers.safeParse(given);
  if (!parsed.success)
    throw new ProsoponError("bad-input", `The answers cannot be read: ${z.prettifyError(parsed.error)}`, {
      cause: parsed.error,
    });
  const seen = new Set<string>();
  const votes = parsed.data.map((one) => {
    const trial = plan.participants[one.participant]?.[one.trial];
    const key = `${one.participant} ${one.trial}`;
    const known = trial?.kind === "preference" ? ["left", "right"] : (plan.emotions ?? []);
    if (!trial || seen.has(key) || !known.includes(one.answer))
      throw new ProsoponError(
        "bad-input",
        `The answer "${one.answer}" of participant ${one.participant} to trial ${one.trial} does not belong to the study, or is there twice.`,
        {
          values: { ...one },
        },
      );
    seen.add(key);
    if (trial.kind === "naming")
      return { person: one.participant, name: trial.method, won: one.answer === trial.emotion };
    // One name for a pair, however it was turned.
    const [a, b] = [trial.left.method, trial.right.method].toSorted();
    const chosen = one.answer === "left" ? trial.left.method : trial.right.method;
    return { person: one.participant, name: `${a} over ${b}`, won: chosen === a };
  });
  if (votes.length === 0) throw new ProsoponError("bad-input", "There are no answers, so the study has no result.");
  const names = [...new Set(votes.map(({ name }) => name))].toSorted();
  const shares: StudyShare[] = [];
  for (const name of names) {
    const mine = votes.filter((vote) => vote.name === name);
    const people = [...new Set(mine.map(({ person }) => person))];
    const tallies = people.map((person) => {
      const own = mine.filter((vote) => vote.person === person);
      return { won: own.filter(({ won }) => won).length, count: own.length };
    });
    const wins = mine.filter(({ won }) => won).length;
    const { low, high, level } = await bootstrap(
      people.length,
      (drawn) => {
        let [won, count] = [0, 0];
        for (const i of drawn) {
          won += tallies[i]!.won;
          count += tallies[i]!.count;
        }
        return won / count;
      },
      options,
    );
    shares.push({
      name,
      share: wins / mine.length,
      count: mine.length,
      binomial: binomialInterval(wins, mine.length, level),
      bootstrap: { low, high, level },
    });
  }
  return {
    kind: plan.kind,
    participants: new Set(votes.map(({ person }) => person)).size,
    answers: votes.length,
    shares,
  };
}
