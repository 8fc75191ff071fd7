import { ProsoponError } from "@prosopon/errors";
import type { Metric } from "./metric.ts";
import { type Summary, summary } from "./summary.ts";

export interface EmotionShiftSample {
  /** The emotion that was asked for, one of the classes. */
  readonly target: string;
  /** The judge's logits before and after the edit, one for each class. */
  readonly before: ArrayLike<number>;
  readonly after: ArrayLike<number>;
}

export interface EmotionShiftOptions {
  readonly classes: readonly string[];
  /** What `before` and `after` are; default `logits`. */
  readonly scores?: "logits" | "probabilities";
  readonly judge?: string;
}

/** Change of the target's probability by an edit, -1..1: by target and over all. */
export interface EmotionShift extends Summary {
  readonly perTarget: Readonly<Record<string, Summary>>;
}

function probability(scores: readonly number[], index: number, kind: "logits" | "probabilities"): number {
  if (kind === "probabilities") return scores[index]!;
  const most = Math.max(...scores);
  return Math.exp(scores[index]! - most) / scores.reduce((sum, score) => sum + Math.exp(score - most), 0);
}

/** How much more probable an edit made the emotion that it was to show. */
export const emotionShift = ({
  classes,
  scores = "logits",
  judge = "a classifier",
}: EmotionShiftOptions): Metric<EmotionShiftSample, EmotionShift> => ({
  specification: "metric/v1",
  name: "emotion-shift",
  protocol: `Change of the target's probability among ${classes.length} classes by ${judge} from source to edit, mean over edits.`,
  start() {
    const changes: { readonly target: string; readonly change: number }[] = [];
    return {
      add({ target, before, after }) {
        const index = classes.indexOf(target);
        const [first, second] = [Array.from(before), Array.from(after)];
        if (index < 0 || [first, second].some((s) => s.length !== classes.length || !s.every(Number.isFinite)))
          throw new ProsoponError("bad-input", `"${target}" or its scores do not go with ${classes.length} classes.`, {
            values: { target, classes, before: first, after: second },
          });
        changes.push({ target, change: probability(second, index, scores) - probability(first, index, scores) });
      },
      result() {
        const of = (target?: string) =>
          summary(
            "emotion-shift",
            changes.filter((one) => target === undefined || one.target === target).map(({ change }) => change),
          );
        const targets = classes.filter((name) => changes.some(({ target }) => target === name));
        return { ...of(), perTarget: Object.fromEntries(targets.map((name) => [name, of(name)])) };
      },
    };
  },
});
