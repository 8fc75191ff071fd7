import { encodeModel, graph, input, output, type Tensor, tensor } from "@prosopon/graph";
import { crop, type Image, type Point, resize, toRgb } from "@prosopon/media";
import { scope } from "@prosopon/nn";
import type { Host, Program } from "@prosopon/runtime";
import { type FaceBox, facesOf } from "./faces-of.ts";
import { landmarkNet } from "./landmark-net.ts";
import { tinyFaceDetector } from "./tiny-face-detector.ts";

/** A face in a picture: 68 landmarks in its pixels, iBUG order. */
export interface Face {
  readonly box: FaceBox;
  readonly landmarks: readonly Point[];
}

export interface FindOptions {
  /** Least confidence of the detector, 0..1; default 0.4. */
  readonly threshold?: number;
  readonly signal?: AbortSignal;
}

/** Finds faces and their landmarks, the most confident face first. */
export interface FaceFinder extends AsyncDisposable {
  find(image: Image, options?: FindOptions): Promise<readonly Face[]>;
}

export interface FaceFinderOptions {
  readonly host: Host;
  /** Weights named `detector.*` and `landmarks.*`. */
  readonly parameters: NonNullable<Program["parameters"]>;
  /** Side of the square that the detector sees, a multiple of 32; larger finds smaller faces. Default 416. */
  readonly size?: number;
}

/** [1, 3, side, side] of 0..255 with the image scaled into it, at the top left or centred, black around. */
function squared(source: Image, side: number, centred: boolean): Tensor<"float32"> {
  const scale = side / Math.max(source.width, source.height);
  const width = Math.max(1, Math.round(source.width * scale));
  const height = Math.max(1, Math.round(source.height * scale));
  const { data } = resize(toRgb(source), { width, height });
  const left = centred ? Math.floor((side - width) / 2) : 0;
  const top = centred ? Math.floor((side - height) / 2) : 0;
  const planes = new Float32Array(3 * side * side);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++)
        planes[(c * side + y + top) * side + x + left] = data[(y * width + x) * 3 + c]!;
  return tensor("float32", [1, 3, side, side], planes);
}

/** Detector and landmark network on a host. @throws what `Host.load` throws. */
export async function createFaceFinder({ host, parameters, size = 416 }: FaceFinderOptions): Promise<FaceFinder> {
  const program = (prefix: string, side: number, build: typeof landmarkNet): Program => {
    const g = graph({ name: prefix });
    const top = scope(g, prefix);
    output(g, "y", build(top, input(g, "x", "float32", [1, 3, side, side])));
    return {
      model: encodeModel(g, { parameters: "initializers" }),
      parameters: Object.fromEntries([...top.parameters.keys()].map((name) => [name, parameters[name]!])),
    };
  };
  const detector = await host.load(program("detector", size, tinyFaceDetector));
  const landmarks = await host.load(program("landmarks", 112, landmarkNet));
  return {
    async find(image, { threshold = 0.4, signal } = {}) {
      const options = signal ? { signal } : {};
      const { y } = await detector.run({ x: squared(image, size, false) }, options);
      const faces: Face[] = [];
      for (const box of facesOf(y!, { side: Math.max(image.width, image.height), threshold })) {
        // The landmark network saw boxes cut at the picture's border.
        const left = Math.max(0, Math.floor(box.x));
        const top = Math.max(0, Math.floor(box.y));
        const width = Math.min(image.width, Math.ceil(box.x + box.width)) - left;
        const height = Math.min(image.height, Math.ceil(box.y + box.height)) - top;
        if (width < 4 || height < 4) continue;
        const found = await landmarks.run({ x: squared(crop(image, { x: left, y: top, width, height }), 112, true) }, options);
        const side = Math.max(width, height);
        const at = (k: number) => Number(found["y"]!.data[k]) * side;
        faces.push({
          box,
          landmarks: Array.from({ length: 68 }, (_, i): Point => [
            left + at(2 * i) - (side - width) / 2,
            top + at(2 * i + 1) - (side - height) / 2,
          ]),
        });
      }
      return faces;
    },
    async [Symbol.asyncDispose]() {
      await detector[Symbol.asyncDispose]();
      await landmarks[Symbol.asyncDispose]();
    },
  };
}
