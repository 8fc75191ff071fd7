import { ProsoponError } from "@prosopon/errors";
import { graph, input, output, type Value } from "@prosopon/graph";
import { crop, type Image, type Point } from "@prosopon/media";
import { type Scope, scope } from "@prosopon/nn";
import { type Host, type Program, programOf, type Session, tensorOf } from "@prosopon/runtime";
import { type FaceBox, facesOf } from "./faces-of.ts";
import { mirroredLandmarks } from "./mirrored-landmarks.ts";
import { squareUp } from "./square-up.ts";
import { tinyFaceDetector } from "./tiny-face-detector.ts";

/** A face in a picture: its box and 68 landmarks in its pixels from the top left corner, iBUG 300-W order. They may lie outside the picture. */
export interface Face {
  readonly box: FaceBox;
  readonly landmarks: readonly Point[];
}

export interface FindOptions {
  /** Least confidence of the detector, 0..1; default 0.4. */
  readonly threshold?: number;
  readonly signal?: AbortSignal;
}

/** Finds faces and their landmarks, the most confident face first; none is an empty list. */
export interface FaceFinder extends AsyncDisposable {
  /** @throws `bad-input` for a threshold out of range; `cancelled`. */
  find(picture: Image, options?: FindOptions): Promise<readonly Face[]>;
}

export interface FaceFinderOptions {
  readonly host: Host;
  /** Weights named `detector.*` and `landmarks.*`. */
  readonly parameters: NonNullable<Program["parameters"]>;
  /** Side of the square that the detector sees, a multiple of 32 from 64 to 2048; larger finds smaller faces. Default 416. */
  readonly size?: number;
}

/**
 * Where the first look finds nothing, a second one from farther away: faces that fill the picture are beyond the detector's anchors
 * until there is black around them.
 */
const afar = { side: 160, longest: 96, centred: true } as const;

/** The landmark network sees 112 x 112 pixels. */
const crops = 112;

/** Boxes narrower than this many pixels show nothing to find landmarks in. */
const narrowest = 4;

type Frame = Omit<FaceBox, "score">;

/** The box around landmarks with a margin of a tenth of its sides, about what the detector gives. */
function framed(landmarks: readonly Point[]): Frame {
  const [x, y] = [0, 1].map((axis) => landmarks.map((point) => point[axis]!));
  const [left, top] = [Math.min(...x!), Math.min(...y!)];
  const [width, height] = [Math.max(...x!) - left, Math.max(...y!) - top];
  return { x: left - 0.1 * width, y: top - 0.1 * height, width: 1.2 * width, height: 1.2 * height };
}

/** Detector and landmark network on a host. @throws `bad-input` for a size out of range, `not-found` for absent weights, and what `Host.load` throws. */
export async function createFaceFinder({ host, parameters, size = 416 }: FaceFinderOptions): Promise<FaceFinder> {
  if (!Number.isInteger(size) || size % 32 !== 0 || size < 64 || size > 2048)
    throw new ProsoponError("bad-input", `The face finder cannot look at a square of ${size} pixels.`, {
      values: { size },
      mend: "Give a multiple of 32 from 64 to 2048.",
    });
  const program = (prefix: string, side: number, build: (scope: Scope, image: Value) => Value): Program => {
    const g = graph({ name: prefix });
    output(g, "y", build(scope(g, prefix), input(g, "x", "float32", [1, 3, side, side])));
    return programOf(g, parameters);
  };
  const programs = [
    program("detector", size, tinyFaceDetector),
    program("detector", afar.side, tinyFaceDetector),
    program("landmarks", crops, mirroredLandmarks),
  ];
  const opened = await Promise.allSettled(programs.map((one) => host.load(one)));
  const sessions = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const close = () => Promise.all(sessions.map((session) => session[Symbol.asyncDispose]()));
  const failed = opened.find((one) => one.status === "rejected");
  if (failed) {
    await close();
    throw failed.reason;
  }
  const [near, far, landmarker] = sessions as [Session, Session, Session];

  /** Boxes in the picture, best first. */
  async function detect(picture: Image, threshold: number, options: { readonly signal?: AbortSignal }) {
    for (const [session, square] of [
      [near, { side: size }],
      [far, afar],
    ] as const) {
      const seen = squareUp(picture, square);
      const found = tensorOf(await session.run({ x: seen.tensor }, options), "y");
      const boxes = facesOf(found, { side: square.side, threshold }).map(({ x, y, width, height, score }): FaceBox => {
        const [left, top] = seen.toPicture([x, y]);
        const [right, bottom] = seen.toPicture([x + width, y + height]);
        return { x: left, y: top, width: right - left, height: bottom - top, score };
      });
      if (boxes.length > 0) return boxes;
    }
    return [];
  }

  /** Landmarks of the face in a box, which is cut at the picture's border as in face-api; undefined where too little is left. */
  async function look(picture: Image, box: Frame, options: { readonly signal?: AbortSignal }) {
    const left = Math.max(0, Math.floor(box.x));
    const top = Math.max(0, Math.floor(box.y));
    const width = Math.min(picture.width, Math.ceil(box.x + box.width)) - left;
    const height = Math.min(picture.height, Math.ceil(box.y + box.height)) - top;
    if (width < narrowest || height < narrowest) return undefined;
    const seen = squareUp(crop(picture, { x: left, y: top, width, height }), { side: crops, centred: true });
    const { data } = tensorOf(await landmarker.run({ x: seen.tensor }, options), "y");
    return Array.from({ length: 68 }, (_, i): Point => {
      const [x, y] = seen.toPicture([Number(data[2 * i]) * crops, Number(data[2 * i + 1]) * crops]);
      return [left + x, top + y];
    });
  }

  return {
    async find(picture, { threshold = 0.4, signal } = {}) {
      if (!(threshold > 0 && threshold < 1))
        throw new ProsoponError("bad-input", `A threshold of ${threshold} is no confidence.`, {
          values: { threshold },
          mend: "Give a number between 0 and 1.",
        });
      const options = signal ? { signal } : {};
      const faces: Face[] = [];
      for (const box of await detect(picture, threshold, options)) {
        const first = await look(picture, box, options);
        // A second look, framed by the first one's landmarks: they then hang less on the detector's box.
        const landmarks = first && ((await look(picture, framed(first), options)) ?? first);
        if (landmarks) faces.push({ box, landmarks });
      }
      return faces;
    },
    async [Symbol.asyncDispose]() {
      await close();
    },
  };
}
