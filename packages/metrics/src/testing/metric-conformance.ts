import { isProsoponError } from "@prosopon/errors";
import type { Metric } from "../metric.ts";

/** One property that every metric has. `check` throws when this one has not. */
export interface MetricCase {
  readonly name: string;
  check(): void;
}

export interface MetricConformanceOptions<Sample, Result> {
  readonly metric: Metric<Sample, Result>;
  /** Enough for a result, not all worth the same. */
  readonly samples: readonly Sample[];
  /** One that it cannot judge. */
  readonly bad: Sample;
}

/** What every metric does. Run it over your own. */
export function metricConformance<Sample, Result>({
  metric,
  samples,
  bad,
}: MetricConformanceOptions<Sample, Result>): readonly MetricCase[] {
  const judged = (given: readonly Sample[]) => {
    const judgement = metric.start();
    for (const sample of given) judgement.add(sample);
    return judgement;
  };
  const text = (result: Result) => JSON.stringify(result);
  return [
    {
      name: "says what it is",
      check() {
        if (metric.specification !== "metric/v1") throw new Error(`specification ${metric.specification}`);
        if (!/^[a-z0-9-]+$/.test(metric.name)) throw new Error(`"${metric.name}" is not a lower-case name`);
        if (!/^[^\n]+\.$/.test(metric.protocol)) throw new Error(`"${metric.protocol}" is not one sentence`);
      },
    },
    {
      name: "has no result without samples",
      check: () => refuses(() => metric.start().result()),
    },
    {
      name: "tells its result again, and after more samples",
      check() {
        const judgement = judged(samples);
        const first = text(judgement.result());
        if (text(judgement.result()) !== first) throw new Error("asking changed the result");
        for (const sample of samples) judgement.add(sample);
        if (text(judgement.result()) === first) throw new Error("samples after the result were not counted");
      },
    },
    {
      name: "keeps judgements apart",
      check() {
        const first = judged(samples);
        judged(samples);
        if (text(first.result()) !== text(judged(samples).result())) throw new Error("judgements share their state");
      },
    },
    {
      name: "refuses what it cannot judge and goes on",
      check() {
        const judgement = judged(samples);
        refuses(() => judgement.add(bad));
        if (text(judgement.result()) !== text(judged(samples).result())) throw new Error("the bad sample was counted");
      },
    },
  ];
}

function refuses(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    if (isProsoponError(error) && error.code === "bad-input") return;
    throw error;
  }
  throw new Error("it was not refused");
}
