import { leakyRelu, matMul, reshape, softmax, transpose, type Value } from "@prosopon/graph";
import { conv1d, linear, type Scope } from "@prosopon/nn";

/** What the temporal attention found. */
export interface TemporalAttention {
  /** [B, 1, F], or [B, 1, 64] when expanded. */
  readonly token: Value;
  /** [B, 1, S]: scores before `attentionNet`. */
  readonly scores: Value;
  /** [B, S]: sums to 1. */
  readonly weights: Value;
}

function convolutions(place: Scope, x: Value, channels: readonly number[]): Value {
  return channels.reduce(
    (v, outputs, i) => leakyRelu(conv1d(place.at(2 * i), v, { outputs, kernel: 3, padding: 1 }), 0.02),
    x,
  );
}

/**
 * The thesis' attention over a window of audio features (section 5.2 of its chapter): [B, S, F] -> one token, a weighted sum over the S positions,
 * whose weights five convolutions, a linear layer and a softmax find. Parameters as the reference's `Conv1DTemporalAttention`
 * (`attentionConvNet.{0,2,4,6,8}`, `attentionNet.0`), which sums the features themselves; with `expand` as `Conv1DTemporalAttentionV2`, for
 * the 29 character logits: narrower, and summing three convolutions of them (`expander.{0,2,4}`, 64 channels).
 */
export function temporalAttention(
  place: Scope,
  window: Value,
  { expand = false }: { readonly expand?: boolean } = {},
): TemporalAttention {
  const [batch, length] = window.shape as [number, number, number];
  const channelsFirst = transpose(window, [0, 2, 1]);
  const expanded = expand ? convolutions(place.at("expander"), channelsFirst, [32, 64, 64]) : channelsFirst;
  const narrowing = expand ? [16, 8, 4, 2, 1] : [192, 64, 16, 4, 1];
  const scores = convolutions(place.at("attentionConvNet"), channelsFirst, narrowing);
  const weights = softmax(
    linear(place.at("attentionNet").at(0), reshape(scores, [batch, length]), { outputs: length }),
  );
  const sum = matMul(expanded, reshape(weights, [batch, length, 1]));
  return { token: reshape(sum, [batch, 1, expanded.shape[1]!]), scores, weights };
}
