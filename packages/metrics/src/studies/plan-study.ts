import { ProsoponError } from "@prosopon/errors";
import { philox } from "@prosopon/random";
import { z } from "zod";

const name = z.string().min(1);
const options = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("preference"),
    title: name.default("Which picture looks more real?"),
    seed: z.int().min(0).default(1),
    /** Places for people: each gets the trials in an order of his own. */
    participants: z.int().min(1).max(10000),
    /** Each item is one picture's address by method; every pair of methods that an item has is a trial. */
    items: z.array(z.strictObject({ item: name, pictures: z.record(name, name) })).min(1),
    /** Compare only pairs with this method, such as one's own. Default: all pairs. */
    against: name.optional(),
  }),
  z.strictObject({
    kind: z.literal("naming"),
    title: name.default("Which emotion does the face show?"),
    seed: z.int().min(0).default(1),
    participants: z.int().min(1).max(10000),
    /** The answers that are offered, in this order. */
    emotions: z.array(name).min(2),
    items: z.array(z.strictObject({ item: name, method: name, picture: name, emotion: name })).min(1),
  }),
]);

export type StudyOptions = z.input<typeof options>;

/** Two pictures side by side, `left` and `right` methods; or one whose emotion is to be named. */
export type Trial =
  | {
      readonly kind: "preference";
      readonly item: string;
      readonly left: { readonly method: string; readonly picture: string };
      readonly right: { readonly method: string; readonly picture: string };
    }
  | {
      readonly kind: "naming";
      readonly item: string;
      readonly method: string;
      readonly picture: string;
      readonly emotion: string;
    };

export interface StudyPlan {
  readonly specification: "study/v1";
  readonly kind: "preference" | "naming";
  readonly title: string;
  readonly seed: number;
  /** The answers of a naming study. */
  readonly emotions?: readonly string[];
  /** Trials of each participant, in the order in which they are shown. */
  readonly participants: readonly (readonly Trial[])[];
}

/**
 * Plans a study of people as those of Table 4.6 of the thesis. Everybody sees every trial. Sides are counterbalanced: half of the participants see a
 * pair the other way round, and each participant half of his pairs; orders are shuffled. The same options give the same plan. @throws `bad-input`
 */
export function planStudy(given: StudyOptions): StudyPlan {
  const parsed = options.safeParse(given);
  if (!parsed.success)
    throw new ProsoponError("bad-input", `The study cannot be planned: ${z.prettifyError(parsed.error)}`, {
      cause: parsed.error,
    });
  const study = parsed.data;
  const { kind, title, seed } = study;
  const shuffled = (trials: readonly Trial[], person: number) => philox(seed, "study order", person).shuffle(trials);
  if (study.kind === "naming") {
    const stray = study.items.find(({ emotion }) => !study.emotions.includes(emotion));
    if (stray || new Set(study.emotions).size !== study.emotions.length)
      throw new ProsoponError(
        "bad-input",
        `"${stray?.emotion ?? study.emotions}" is not among the answers, or twice.`,
        {
          values: { emotions: study.emotions },
        },
      );
    const trials = study.items.map((item): Trial => ({ kind: "naming", ...item }));
    return {
      specification: "study/v1",
      kind,
      title,
      seed,
      emotions: study.emotions,
      participants: Array.from({ length: study.participants }, (_, person) => shuffled(trials, person)),
    };
  }
  const pairs = study.items.flatMap(({ item, pictures }) => {
    const methods = Object.keys(pictures);
    return methods.flatMap((one, i) =>
      methods
        .slice(i + 1)
        .filter((other) => study.against === undefined || [one, other].includes(study.against))
        .map((other) => ({
          item,
          a: { method: one, picture: pictures[one]! },
          b: { method: other, picture: pictures[other]! },
        })),
    );
  });
  if (pairs.length === 0)
    throw new ProsoponError("bad-input", "No item has pictures of two methods to compare.", {
      values: { against: study.against },
      mend: "Give each item the pictures of two or more methods.",
    });
  // Which pairs are turned for participants 0, 2, 4 ...; the others see the reverse.
  const turned = philox(seed, "study sides").shuffle(pairs.map((_, i) => i % 2 === 0));
  return {
    specification: "study/v1",
    kind,
    title,
    seed,
    participants: Array.from({ length: study.participants }, (_, person) =>
      shuffled(
        pairs.map(({ item, a, b }, i): Trial => {
          const flip = turned[i] === (person % 2 === 0);
          return { kind: "preference", item, left: flip ? b : a, right: flip ? a : b };
        }),
        person,
      ),
    ),
  };
}
