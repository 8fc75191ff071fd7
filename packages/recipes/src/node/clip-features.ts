import type { AudioFeatures } from "@prosopon/conditioning";
import type { SpeakingClip } from "@prosopon/corpus/node";

export interface ClipFeaturesOptions {
  /** First frame of the cut, and how many it has. */
  readonly start: number;
  readonly frames: number;
  /** Rows beyond both ends of the cut. */
  readonly margin: number;
}

/** Features of a cut of a clip, [margin + frames + margin, F]; beyond the ends of the clip its last rows are repeated. */
export async function clipFeatures(
  features: AudioFeatures,
  { audio, scenes, framesPerSecond }: SpeakingClip,
  { start, frames, margin }: ClipFeaturesOptions,
): Promise<Float32Array<ArrayBuffer>> {
  const total = scenes.length;
  const { size } = features;
  const all = await features.extract(audio, total, framesPerSecond);
  const rows = new Float32Array((frames + 2 * margin) * size);
  for (let i = 0; i < frames + 2 * margin; i++) {
    const row = Math.min(Math.max(start - margin + i, 0), total - 1);
    rows.set(all.data.subarray(row * size, (row + 1) * size), i * size);
  }
  return rows;
}
