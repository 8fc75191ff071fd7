import { ProsoponError } from "@prosopon/errors";
import { philox } from "@prosopon/random";
import type { Metric } from "../metric.ts";
import { checkRow } from "./features.ts";

export interface InceptionScoreOptions {
  /** Parts whose scores are averaged; default 10. */
  readonly splits?: number;
  /** Names the order in which images fall into parts; default 2020. */
  readonly seed?: number;
  /** False: images fall into parts as they were added. Default true. */
  readonly shuffle?: boolean;
  /** Whose logits they are, for the protocol line. */
  readonly judge?: string;
}

export interface InceptionScore {
  readonly mean: number;
  /** Of the parts, divided by their number. */
  readonly standardDeviation: number;
  readonly count: number;
  readonly splits: number;
}

/** exp of the mean divergence of p(y|x) from p(y) (Salimans et al. 2016): 1 .. number of classes. Takes a classifier's logits. */
export const inceptionScore = ({
  splits = 10,
  seed = 2020,
  shuffle = true,
  judge = "a classifier",
}: InceptionScoreOptions = {}): Metric<ArrayLike<number>, InceptionScore> => {
  if (!Number.isInteger(splits) || splits < 1)
    throw new ProsoponError("bad-input", `${splits} is no number of parts.`, { values: { splits } });
  return {
    specification: "metric/v1",
    name: "inception-score",
    protocol: `Inception Score of the logits of ${judge}, mean of ${splits} parts${shuffle ? `, shuffled by seed ${seed}` : ""}.`,
    start() {
      const rows: Float64Array[] = [];
      return {
        add(logits) {
          checkRow(logits, rows[0]?.length ?? logits.length);
          rows.push(logSoftmax(logits));
        },
        result() {
          if (rows.length < splits)
            throw new ProsoponError("bad-input", `${rows.length} images do not fill ${splits} parts.`, {
              values: { count: rows.length, splits },
              mend: "Add images, or ask for fewer splits.",
            });
          const order = shuffle ? philox(seed, "inception-score").shuffle(rows) : rows;
          const scores = Array.from({ length: splits }, (_, i) =>
            score(order.slice(Math.floor((i * rows.length) / splits), Math.floor(((i + 1) * rows.length) / splits))),
          );
          const mean = scores.reduce((sum, value) => sum + value, 0) / splits;
          const variance = scores.reduce((sum, value) => sum + (value - mean) ** 2, 0) / splits;
          return { mean, standardDeviation: Math.sqrt(variance), count: rows.length, splits };
        },
      };
    },
  };
};

function logSoftmax(logits: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(logits);
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const total = Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0)) + most;
  return values.map((value) => value - total);
}

function score(part: readonly Float64Array[]): number {
  const marginal = new Float64Array(part[0]!.length);
  for (const row of part) for (let c = 0; c < row.length; c++) marginal[c]! += Math.exp(row[c]!) / part.length;
  let divergence = 0;
  for (const row of part)
    for (let c = 0; c < row.length; c++) {
      const p = Math.exp(row[c]!);
      if (p > 0) divergence += p * (row[c]! - Math.log(marginal[c]!));
    }
  return Math.exp(divergence / part.length);
}
