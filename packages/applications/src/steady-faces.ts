import type { Point } from "@prosopon/media";
import type { VideoFrame } from "@prosopon/media/node";
import type { FollowedFrame, LostReason } from "./follow-face.ts";

export interface SteadyFrame {
  readonly frame: VideoFrame;
  /** 68 landmarks in pixels without their tremor; undefined where the face is lost for good. */
  readonly landmarks: readonly Point[] | undefined;
  /** Set where the detector had no face: the landmarks, if any, then come from the frames around. */
  readonly reason?: LostReason;
  readonly segment: number;
}

export interface SteadyFacesOptions {
  /** Frames to either side that are looked at; default 6. It is also how far the result runs behind. */
  readonly reach?: number;
  /** Standard deviation of the low-pass in frames; default 2. */
  readonly deviation?: number;
  /** Frames for which a lost face is taken to be where it was; default 12. */
  readonly hold?: number;
}

type Landmarks = readonly Point[];

const mixed = (parts: readonly { readonly landmarks: Landmarks; readonly weight: number }[]): Landmarks => {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  const mean = (i: number, axis: 0 | 1) =>
    parts.reduce((sum, { landmarks, weight }) => sum + weight * landmarks[i]![axis], 0) / total;
  return parts[0]!.landmarks.map((_, i): Point => [mean(i, 0), mean(i, 1)]);
};

/**
 * Landmarks low-passed over time by a Gaussian that looks as far ahead as back, so that they neither tremble nor lag; gaps are bridged between
 * the frames around them. Nothing is mixed across a cut. Memory: `reach` frames to either side.
 */
export async function* steadyFaces(
  followed: AsyncIterable<FollowedFrame>,
  { reach = 6, deviation = 2, hold = 12 }: SteadyFacesOptions = {},
): AsyncGenerator<SteadyFrame, void, undefined> {
  /** The frames around the one that is next; `at` is its index in it. */
  const around: FollowedFrame[] = [];
  let at = 0;
  let held: { readonly landmarks: Landmarks; readonly segment: number } | undefined;
  let missing = 0;

  function next(): SteadyFrame {
    const { frame, face, reason, segment } = around[at]!;
    const known = (offset: number): Landmarks | undefined => {
      const one = around[at + offset];
      return one?.segment === segment ? one.face?.landmarks : undefined;
    };
    at++;
    if (at > reach) {
      around.shift();
      at--;
    }
    // `known` counts from the frame itself, which has just become the one before.
    const seen = (offset: number) => known(offset - 1);
    let landmarks: Landmarks | undefined;
    if (face) {
      const parts = [{ landmarks: face.landmarks as Landmarks, weight: 1 }];
      for (let offset = 1; offset <= reach; offset++) {
        const [before, after] = [seen(-offset), seen(offset)];
        // Only in pairs: a one-sided mean would lag behind a face that moves.
        if (!before || !after) break;
        const weight = Math.exp((-offset * offset) / (2 * deviation * deviation));
        parts.push({ landmarks: before, weight }, { landmarks: after, weight });
      }
      landmarks = mixed(parts);
      missing = 0;
      held = { landmarks, segment };
    } else {
      missing++;
      const offsets = Array.from({ length: reach }, (_, i) => i + 1);
      const ahead = offsets.find((offset) => seen(offset));
      const back = held?.segment === segment && missing <= hold ? held.landmarks : undefined;
      if (back && ahead !== undefined)
        landmarks = mixed([
          { landmarks: back, weight: ahead },
          { landmarks: seen(ahead)!, weight: 1 },
        ]);
      else landmarks = back ?? (ahead === undefined ? undefined : seen(ahead));
      if (landmarks) held = { landmarks, segment };
    }
    return { frame, landmarks, segment, ...(reason ? { reason } : {}) };
  }

  for await (const one of followed) {
    around.push(one);
    if (around.length - at > reach) yield next();
  }
  while (at < around.length) yield next();
}
