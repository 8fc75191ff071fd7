import { ProsoponError } from "@prosopon/errors";
import {
  cast,
  constantOf,
  equal,
  logSoftmax,
  mul,
  reduceSum,
  reshape,
  sizeOf,
  unsqueeze,
  type Value,
} from "@prosopon/graph";

/**
 * Mean over all positions of -log softmax(logits)[label]: logits [N, classes, ...], labels int64 [N, ...] in 0..classes-1;
 * a scalar. A label outside that range adds nothing, but its position counts in the mean.
 * @throws `bad-input` when the shapes or the element type do not fit.
 */
export function crossEntropy(logits: Value, labels: Value): Value {
  const [batch, classes = 0, ...rest] = logits.shape;
  if (labels.dtype !== "int64" || `${labels.shape}` !== `${[batch, ...rest]}`)
    throw new ProsoponError(
      "bad-input",
      `Labels are ${labels.dtype} [${labels.shape}]; logits [${logits.shape}] want int64 [${[batch, ...rest]}].`,
      { values: { logits: logits.shape, labels: labels.shape } },
    );
  const range = constantOf(
    logits.graph,
    "int64",
    Array.from({ length: classes }, (_, i) => i),
  );
  // A comparison instead of a gather: its gradient needs no scatter.
  const chosen = equal(unsqueeze(labels, [1]), reshape(range, [1, classes, ...rest.map(() => 1)]));
  const picked = mul(logSoftmax(logits, 1), cast(chosen, logits.dtype));
  return mul(reduceSum(picked), -1 / (sizeOf(labels.shape) || 1));
}
