import { ProsoponError } from "@prosopon/errors";

export interface SyncDistance {
  /** Least mean distance over the lags ("LSE-D"): lower is better. */
  readonly distance: number;
  /** Median over the lags minus the least ("LSE-C"): higher is better. */
  readonly confidence: number;
  /** Frames by which the picture comes after the sound at the best lag. */
  readonly offset: number;
}

/**
 * Lip-sync distance and confidence of Chung and Zisserman 2016 from the embeddings of any audio-visual embedder, one of each for a window of the
 * clip: mean Euclidean distance at each lag, up to `reach` windows either way (default 15); beyond the ends there are zeros, as in SyncNet's program.
 * @throws `bad-input` for unlike numbers or lengths of embeddings.
 */
export function syncDistance(
  video: readonly ArrayLike<number>[],
  audio: readonly ArrayLike<number>[],
  { reach = 15 }: { readonly reach?: number } = {},
): SyncDistance {
  const size = video[0]?.length ?? 0;
  const sound = [...video, ...audio].every((row) => row.length === size && Array.from(row).every(Number.isFinite));
  if (video.length === 0 || video.length !== audio.length || size === 0 || !sound)
    throw new ProsoponError("bad-input", `${video.length} and ${audio.length} embeddings are no clip.`, {
      values: { video: video.length, audio: audio.length, size },
      mend: "Give as many embeddings of the picture as of the sound, all of one length.",
    });
  const lags = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  const means = lags.map((lag) => {
    let sum = 0;
    for (let t = 0; t < video.length; t++) {
      const other = audio[t - lag];
      let square = 0;
      for (let k = 0; k < size; k++) square += (video[t]![k]! - (other?.[k] ?? 0)) ** 2;
      sum += Math.sqrt(square);
    }
    return sum / video.length;
  });
  const best = means.reduce((least, value, i) => (value < means[least]! ? i : least), 0);
  const median = means.toSorted((a, b) => a - b)[reach]!;
  return { distance: means[best]!, confidence: median - means[best]!, offset: lags[best]! };
}
