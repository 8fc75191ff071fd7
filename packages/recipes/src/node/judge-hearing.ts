import { visemes } from "@prosopon/corpus";
import { graph, output, type Tensor, tensor } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { programOf } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { type HearingConfig, heardMovements, hearing } from "../speech-step.ts";
import { correlation } from "./correlation.ts";
import type { SpeechCache } from "./speech-cache.ts";

/** How well an encoder hears what the mouth does. */
export interface HearingScores {
  /** Correlation with the true opening and closure of the lips. */
  readonly opening: number;
  readonly closure: number;
  /** Share of frames of /p b m/, shut in truth, whose closure is heard to be above a half. */
  readonly labialsShut: number;
  /** Share of frames whose viseme is named rightly. */
  readonly visemes: number;
}

/** Judges an encoder and its head on speech. */
export async function judgeHearing(
  weights: ReadonlyMap<string, Tensor>,
  cache: SpeechCache,
  audio: HearingConfig,
): Promise<HearingScores & Readonly<Record<string, number>>> {
  const { frames, count } = cache;
  const g = graph();
  const { movements, logits } = hearing(scope(g), audio, frames);
  output(g, "movements", movements);
  output(g, "logits", logits);
  await using host = await createHost({ kind: "in-process" });
  const session = await host.load(programOf(g, Object.fromEntries(weights)));
  const [opening, closure, labels] = [[], [], []] as [found: number, truth: number][][];
  for (let clip = 0; clip < count; clip++) {
    const places = Array.from({ length: frames }, (_, k) => clip * frames + k);
    const found = await session.run({ "audio/window": heardWindows(cache, places, audio) });
    const moved = found["movements"]!.data as Float32Array;
    const named = found["logits"]!.data as Float32Array;
    places.forEach((place, k) => {
      const truth = cache.movements.data.subarray(place * heardMovements.length);
      opening!.push([moved[k * heardMovements.length]!, truth[0]!]);
      closure!.push([moved[k * heardMovements.length + 1]!, truth[1]!]);
      const row = named.subarray(k * visemes.length, (k + 1) * visemes.length);
      labels!.push([row.indexOf(Math.max(...row)), cache.visemes.data[place]!]);
    });
  }
  const share = (list: [number, number][], right: (pair: [number, number]) => boolean) =>
    list.filter(right).length / list.length;
  const labial = visemes.indexOf("p");
  const shut = closure!.filter(([, truth], i) => labels![i]![1] === labial && truth > 0.9);
  return {
    opening: correlation(
      opening!.map(([a]) => a),
      opening!.map(([, b]) => b),
    ),
    closure: correlation(
      closure!.map(([a]) => a),
      closure!.map(([, b]) => b),
    ),
    labialsShut: share(shut, ([found]) => found > 0.5),
    visemes: share(labels!, ([a, b]) => a === b),
  };
}

/** What is heard around frames, [N, S, F]. */
export function heardWindows(
  cache: SpeechCache,
  frames: ArrayLike<number>,
  { before, after, featureSize }: HearingConfig,
): Tensor<"float32"> {
  const length = before + 1 + after;
  const margin = (cache.features.shape[1]! - cache.frames) / 2;
  const rows = cache.frames + 2 * margin;
  const windows = tensor("float32", [frames.length, length, featureSize]);
  for (let i = 0; i < frames.length; i++) {
    const first = Math.floor(frames[i]! / cache.frames) * rows + (frames[i]! % cache.frames) + margin - before;
    windows.data.set(
      cache.features.data.subarray(first * featureSize, (first + length) * featureSize),
      i * length * featureSize,
    );
  }
  return windows;
}
