import { ProsoponError } from "@prosopon/errors";
import { cosine } from "./cosine.ts";
import type { IdentityPair } from "./identity-cosine.ts";
import type { Metric } from "./metric.ts";

export interface NearestIdentityOptions {
  /** How many other people every edit is compared with; default 20. */
  readonly others?: number;
  /** Whose embeddings they are, for the protocol line. */
  readonly judge?: string;
}

export interface NearestIdentitySample extends IdentityPair {
  /** Who it is: sources of the same person are no others. */
  readonly person: string;
}

export interface NearestIdentity {
  readonly count: number;
  /** Share of edits that are nearer to their own source than to every other person. */
  readonly rate: number;
  /** What guessing would get: 1 / (others + 1). */
  readonly chance: number;
}

/**
 * How often an edit is still nearer to its source than to other people. The others are the sources of the first `others` different people
 * that were added after it, going round, so the same samples in the same order give the same rate.
 */
export function nearestIdentity({
  others = 20,
  judge = "an embedder",
}: NearestIdentityOptions = {}): Metric<NearestIdentitySample, NearestIdentity> {
  if (!Number.isInteger(others) || others < 1)
    throw new ProsoponError("bad-input", `${others} is no number of other people.`, { values: { others } });

  function sourcesOfOthers(samples: readonly NearestIdentitySample[], index: number): readonly ArrayLike<number>[] {
    const found = new Map<string, ArrayLike<number>>();
    for (let k = 1; k < samples.length && found.size < others; k++) {
      const { person, source } = samples[(index + k) % samples.length]!;
      if (person !== samples[index]!.person && !found.has(person)) found.set(person, source);
    }
    return [...found.values()];
  }

  return {
    specification: "metric/v1",
    name: "nearest-identity",
    protocol: `Share of edits whose embedding by ${judge} is nearer (cosine) to its source than to the sources of ${others} other people.`,
    start() {
      const samples: NearestIdentitySample[] = [];
      return {
        add(sample) {
          // Refuses now what could not be compared later.
          cosine(sample.source, sample.edit);
          cosine(sample.source, samples[0]?.source ?? sample.source);
          samples.push(sample);
        },
        result() {
          const people = new Set(samples.map(({ person }) => person)).size;
          if (people <= others)
            throw new ProsoponError("bad-input", `${people} people are too few to compare with ${others} others.`, {
              values: { people, others },
              mend: `Add samples of ${others + 1} people, or ask for fewer others.`,
            });
          const won = samples.filter(({ source, edit }, i) => {
            const own = cosine(edit, source);
            return sourcesOfOthers(samples, i).every((other) => cosine(edit, other) < own);
          });
          return { count: samples.length, rate: won.length / samples.length, chance: 1 / (others + 1) };
        },
      };
    },
  };
}
