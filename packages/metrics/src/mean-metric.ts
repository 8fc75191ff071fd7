import type { Metric } from "./metric.ts";
import { type Summary, summary } from "./summary.ts";

export interface MeanMetricOptions<Sample> {
  readonly name: string;
  readonly protocol: string;
  /** The number that a sample is worth. @throws `bad-input` */
  score(sample: Sample): number;
}

/** A metric that is one number a sample, summed up by its mean. */
export const meanMetric = <Sample>({ name, protocol, score }: MeanMetricOptions<Sample>): Metric<Sample, Summary> => ({
  specification: "metric/v1",
  name,
  protocol,
  start() {
    const values: number[] = [];
    return {
      add: (sample) => void values.push(score(sample)),
      result: () => summary(name, values),
    };
  },
});
