import type { VideoFrame } from "@prosopon/media/node";
import type { Face } from "@prosopon/perception";

/** Why a frame has no face to work on. */
export type LostReason = "no face was found" | "the face is not where it was";

export interface FollowedFrame {
  readonly frame: VideoFrame;
  readonly face: Face | undefined;
  /** Where there is no face. */
  readonly reason?: LostReason;
  /** Counts from 0; a new one begins where another face, or one elsewhere, is taken up. */
  readonly segment: number;
}

export interface FollowFaceOptions {
  /** Faces of a picture, the largest first. */
  readonly find: (frame: VideoFrame) => Promise<readonly Face[]>;
  /** Lost frames after which any face is taken up; default 12. */
  readonly patience?: number;
}

const middle = ({ box }: Face): readonly [number, number] => [box.x + box.width / 2, box.y + box.height / 2];

/** Between two frames a face moves by less than its own width and changes its size by less than half. */
function near(face: Face, last: Face): boolean {
  const [x, y] = middle(face);
  const [x0, y0] = middle(last);
  const ratio = face.box.width / last.box.width;
  return Math.hypot(x - x0, y - y0) < 0.75 * last.box.width && ratio > 0.6 && ratio < 1.7;
}

/** The same face in every frame: the largest of the first frame that has one, then the one nearest to where it was. */
export async function* followFace(
  frames: AsyncIterable<VideoFrame>,
  { find, patience = 12 }: FollowFaceOptions,
): AsyncGenerator<FollowedFrame, void, undefined> {
  let last: Face | undefined;
  let segment = 0;
  let missing = 0;
  for await (const frame of frames) {
    const faces = await find(frame);
    const known = last;
    const distance = (face: Face) => {
      const [x, y] = middle(face);
      const [x0, y0] = known ? middle(known) : [x, y];
      return Math.hypot(x - x0, y - y0);
    };
    const nearest = faces.toSorted((a, b) => distance(a) - distance(b))[0];
    let face = nearest && (!known || near(nearest, known)) ? nearest : undefined;
    if (!face && nearest && missing >= patience) {
      // It went on elsewhere: a cut, or somebody else.
      face = faces[0]!;
      segment++;
    }
    if (face) {
      last = face;
      missing = 0;
      yield { frame, face, segment };
    } else {
      missing++;
      yield {
        frame,
        face: undefined,
        reason: nearest ? "the face is not where it was" : "no face was found",
        segment,
      };
    }
  }
}
