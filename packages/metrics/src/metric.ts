/** A judgement under way. */
export interface Judgement<Sample, Result> {
  /** @throws `bad-input` for a sample that cannot be judged. It is then not counted. */
  add(sample: Sample): void;
  /** What the samples so far amount to; more may be added after. @throws `bad-input` without samples. */
  result(): Result;
}

/** A way to judge. A plugin: a plain value made by a factory; every `start` is a judgement of its own. */
export interface Metric<Sample, Result> {
  readonly specification: "metric/v1";
  readonly name: string;
  /** One sentence that says how it is computed, to stand under a table. */
  readonly protocol: string;
  start(): Judgement<Sample, Result>;
}
