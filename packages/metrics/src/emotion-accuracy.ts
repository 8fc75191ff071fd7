import { ProsoponError } from "@prosopon/errors";
import type { Metric } from "./metric.ts";

export interface EmotionAccuracyOptions {
  /** What the judge's outputs stand for, in their order. */
  readonly classes: readonly string[];
  /** Who judges, for the protocol line. */
  readonly judge?: string;
}

export interface EmotionSample {
  /** The emotion that the picture should show, one of the classes. */
  readonly target: string;
  /** The judge's logits or probabilities, one for each class. */
  readonly scores: ArrayLike<number>;
}

export interface EmotionTally {
  readonly count: number;
  /** Share of pictures whose best class is the target. */
  readonly top1: number;
  /** Share of pictures whose best or second best class is the target. */
  readonly top2: number;
}

export interface EmotionAccuracy extends EmotionTally {
  readonly classes: readonly string[];
  /** Number of pictures by target (rows) and best class (columns), in the order of `classes`. */
  readonly confusion: readonly (readonly number[])[];
  /** By target, those that occurred. `shares`: of each best class, as in Tables 4.2 and 4.3 of the thesis. */
  readonly perTarget: Readonly<Record<string, EmotionTally & { readonly shares: Readonly<Record<string, number>> }>>;
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** How often pictures show the emotion that they should. Of equal scores the class named first is the better one. */
export function emotionAccuracy({
  classes,
  judge = "a classifier",
}: EmotionAccuracyOptions): Metric<EmotionSample, EmotionAccuracy> {
  if (classes.length < 2 || new Set(classes).size !== classes.length)
    throw new ProsoponError("bad-input", `"${classes.join(", ")}" are not two or more different classes.`, {
      values: { classes },
    });

  function check({ target, scores }: EmotionSample): void {
    if (!classes.includes(target))
      throw new ProsoponError("bad-input", `The judge does not know the emotion "${target}".`, {
        values: { target, classes },
        mend: `It knows ${classes.join(", ")}.`,
      });
    if (scores.length !== classes.length || !Array.from(scores).every(Number.isFinite))
      throw new ProsoponError("bad-input", `The scores are not ${classes.length} finite numbers.`, {
        values: { scores: Array.from(scores), classes },
      });
  }

  return {
    specification: "metric/v1",
    name: "emotion-accuracy",
    protocol: `Share of pictures whose best (top-1) or best two (top-2) of ${classes.length} classes by ${judge} hold the target emotion.`,
    start() {
      const confusion = classes.map(() => classes.map(() => 0));
      const among2 = classes.map(() => 0);
      const tally = (rows: readonly number[]): EmotionTally => {
        const count = sum(rows.map((row) => sum(confusion[row]!)));
        return {
          count,
          top1: sum(rows.map((row) => confusion[row]![row]!)) / count,
          top2: sum(rows.map((row) => among2[row]!)) / count,
        };
      };
      return {
        add(sample) {
          check(sample);
          const row = classes.indexOf(sample.target);
          const [first, second] = classes.map((_, i) => i).toSorted((a, b) => sample.scores[b]! - sample.scores[a]!);
          confusion[row]![first!]!++;
          if (row === first || row === second) among2[row]!++;
        },
        result() {
          const all = tally(classes.map((_, i) => i));
          if (all.count === 0)
            throw new ProsoponError("bad-input", '"emotion-accuracy" has no samples, so it has no result.', {
              mend: "Add at least one sample.",
            });
          const perTarget = classes.flatMap((name, row) => {
            const mine = tally([row]);
            if (mine.count === 0) return [];
            const shares = Object.fromEntries(classes.map((to, i) => [to, confusion[row]![i]! / mine.count]));
            return [[name, { ...mine, shares }] as const];
          });
          return {
            ...all,
            classes,
            confusion: confusion.map((row) => [...row]),
            perTarget: Object.fromEntries(perTarget),
          };
        },
      };
    },
  };
}
