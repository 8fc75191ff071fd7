import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { encodeModel, graph, input, output, type Tensor, tensor, type Value } from "@prosopon/graph";
import { type Image, image, type Point, toRgb } from "@prosopon/media";
import { readImage } from "@prosopon/media/node";
import { openModelFolder } from "@prosopon/models/node";
import { type Scope, scope } from "@prosopon/nn";
import { createFaceFinder, type Face, type FaceFinder, landmarkNet, tinyFaceDetector } from "@prosopon/perception";
import { type Host, type Program, tensorOf } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = process.env["PROSOPON_DATA"] ?? "../shared/data";
const faceApi = resolve("node_modules/@vladmandic/face-api");
const present = existsSync(join(root, "faces/faces.json"));

interface Entry {
  readonly file: string;
  readonly crop: string;
  readonly yunet: readonly { readonly box: readonly number[]; readonly kp5: readonly Point[] }[];
}
const entries: readonly Entry[] = present ? JSON.parse(readFileSync(join(root, "faces/faces.json"), "utf8")).faces : [];
const named = (name: string) => readImage(join(root, "faces", name));

let host: Host;
let parameters: NonNullable<Program["parameters"]>;
let scores: unknown;
beforeAll(async () => {
  host = await createHost({ kind: "in-process", threads: 2 });
  const model = await openModelFolder("models/face-finder", { kind: "face-finder" });
  parameters = model.parameters;
  scores = model.manifest.scores;
});
afterAll(() => host[Symbol.asyncDispose]());

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const round = (value: number) => Number(value.toFixed(3));

function overlap(box: Face["box"], [x, y, w, h]: readonly number[]): number {
  const width = Math.min(box.x + box.width, x! + w!) - Math.max(box.x, x!);
  const height = Math.min(box.y + box.height, y! + h!) - Math.max(box.y, y!);
  const shared = Math.max(0, width) * Math.max(0, height);
  return shared / (box.width * box.height + w! * h! - shared);
}

/** Centres of the eyes and corners of the mouth, as YuNet has them. */
function fourPoints(landmarks: readonly Point[]): readonly Point[] {
  const centre = (start: number): Point => {
    const eye = landmarks.slice(start, start + 6);
    return [mean(eye.map(([x]) => x)), mean(eye.map(([, y]) => y))];
  };
  return [centre(36), centre(42), landmarks[48]!, landmarks[54]!];
}

const apart = ([ax, ay]: Point, [bx, by]: Point) => Math.hypot(ax - bx, ay - by);

/** Grey in place of every face and its surroundings. */
function faceless(picture: Image, { yunet }: Entry): Image {
  const covered = toRgb(picture);
  const data = covered.data.slice();
  for (const { box } of yunet) {
    const [x, y, w, h] = box as [number, number, number, number];
    for (let row = Math.max(0, Math.floor(y - 0.3 * h)); row < Math.min(picture.height, y + 1.2 * h); row++) {
      const from = Math.max(0, Math.floor(x - 0.2 * w));
      const to = Math.min(picture.width, Math.ceil(x + 1.2 * w));
      data.fill(128, (row * picture.width + from) * 3, (row * picture.width + to) * 3);
    }
  }
  return { ...covered, data };
}

function mirrored({ width, height, channels, data }: Image): Image {
  const result = image(width, height, channels);
  for (let i = 0; i < data.length; i++) {
    const x = Math.floor(i / channels) % width;
    result.data[i + (width - 1 - 2 * x) * channels] = data[i]!;
  }
  return result;
}

describe.skipIf(!present)(`the face finder on photographs in ${root} (skipped where the data are absent)`, () => {
  let finder: FaceFinder;
  beforeAll(async () => {
    finder = await createFaceFinder({ host, parameters });
  });
  afterAll(() => finder[Symbol.asyncDispose]());

  const claimed = (name: string) => (scores as Readonly<Record<string, unknown>>)[name];

  test("photographs: finds what its card says, its landmarks as near", async () => {
    let [faces, right, wrong] = [0, 0, 0];
    const errors: number[][] = [];
    for (const entry of entries) {
      const found = await finder.find(await readImage(join(root, entry.file)));
      const used = new Set<Face>();
      for (const { box, kp5 } of entry.yunet) {
        faces++;
        const face = found.find((one) => !used.has(one) && overlap(one.box, box) > 0.3);
        if (!face) continue;
        used.add(face);
        right++;
        const expected = [kp5[0]!, kp5[1]!, kp5[3]!, kp5[4]!];
        const unit = apart(expected[0]!, expected[1]!);
        errors.push(fourPoints(face.landmarks).map((point, i) => apart(point, expected[i]!) / unit));
      }
      wrong += found.length - used.size;
    }
    const largest = round(Math.max(...errors.map(mean)));
    expect({ pictures: entries.length, faces, found: right, wrong }).toEqual(claimed("photographs"));
    expect({
      eyes: round(mean(errors.map(([a, b]) => (a! + b!) / 2))),
      mouth: round(mean(errors.map(([, , c, d]) => (c! + d!) / 2))),
      largestMeanOfAFace: largest,
    }).toEqual(claimed("landmarkError"));
    // The card must be true and the truth good enough.
    expect(right / faces).toBeGreaterThan(0.95);
    expect(largest).toBeLessThan(0.2);
  });

  const oneFaceIn = async (files: readonly string[]) => {
    let found = 0;
    for (const file of files) if ((await finder.find(await readImage(join(root, file)))).length === 1) found++;
    return { pictures: files.length, oneFaceFound: found };
  };

  test("crops of faces: as its card says", async () => {
    expect(await oneFaceIn(entries.map(({ crop }) => crop))).toEqual(claimed("alignedCrops"));
  });

  test("tight crops of faces: as its card says", async () => {
    const names = readdirSync(join(root, "emotion/img")).sort();
    const files = names.filter((_, i) => i % 40 === 0).map((name) => join("emotion/img", name));
    expect(await oneFaceIn(files)).toEqual(claimed("tightCrops"));
  });

  test("pictures whose faces are covered: as its card says", async () => {
    let withAFaceFound = 0;
    for (const entry of entries) {
      const picture = faceless(await readImage(join(root, entry.file)), entry);
      if ((await finder.find(picture)).length > 0) withAFaceFound++;
    }
    expect({ pictures: entries.length, withAFaceFound }).toEqual(claimed("faceless"));
  });

  test("several faces, and part of a face", async () => {
    expect(await finder.find(await named("two_people.jpg"))).toHaveLength(2);
    const partial = await finder.find(await named("obama_partial_face.jpg"));
    expect(partial).toHaveLength(1);
    expect(partial[0]!.landmarks.flat().every(Number.isFinite)).toBe(true);
  });

  test("places count from the corner: of a mirror image they are the width less them", async () => {
    const offsets: number[] = [];
    for (const name of ["azure_Family1-Dad1.jpg", "azure_Family2-Lady1.jpg", "azure_Family1-Mom2.jpg"]) {
      const picture = await named(name);
      const [face] = await finder.find(picture);
      const [other] = await finder.find(mirrored(picture));
      const [a, b] = [fourPoints(face!.landmarks), fourPoints(other!.landmarks)];
      const unit = apart(a[0]!, a[1]!);
      for (const [i, k] of [
        [0, 1],
        [1, 0],
        [2, 3],
        [3, 2],
      ] as const) {
        expect(Math.abs(a[i]![0] + b[k]![0] - picture.width) / unit).toBeLessThan(0.08);
        offsets.push((a[i]![0] + b[k]![0] - picture.width) / unit);
      }
    }
    // One pixel too many or too few would be 0.02 of the eyes' distance here.
    expect(Math.abs(mean(offsets))).toBeLessThan(0.012);
  });
});

interface TensorFlowTensor {
  dataSync(): Float32Array;
}
interface Network {
  loadFromWeightMap(map: unknown): void;
}
interface FaceApi {
  readonly tf: {
    setBackend(name: string): Promise<unknown>;
    tensor3d(data: Float32Array, shape: readonly number[]): TensorFlowTensor;
    readonly io: { decodeWeights(bytes: ArrayBuffer, specifications: unknown): unknown };
  };
  readonly TinyFaceDetector: new () => Network & {
    forward(x: TensorFlowTensor, side: number): Promise<TensorFlowTensor>;
  };
  readonly FaceLandmark68Net: new () => Network & { runNet(x: unknown): TensorFlowTensor };
  readonly NetInput: new (images: readonly TensorFlowTensor[]) => object;
}

describe.skipIf(!existsSync(faceApi))(
  "the networks against face-api under TensorFlow.js (skipped where it is not installed)",
  () => {
    const disguise = globalThis as { window?: unknown; document?: unknown };
    let api: FaceApi;
    beforeAll(async () => {
      // The bundled TensorFlow.js only starts in what it takes for a browser.
      disguise.window = globalThis;
      disguise.document = { createElement: () => ({ getContext: () => null }) };
      api = (await import(pathToFileURL(join(faceApi, "dist/face-api.esm.js")).href)) as FaceApi;
      await api.tf.setBackend("cpu");
    });
    afterAll(() => {
      delete disguise.window;
      delete disguise.document;
    });

    const weights = (model: string) => {
      const [group] = JSON.parse(readFileSync(join(faceApi, "model", `${model}-weights_manifest.json`), "utf8"));
      const bytes = readFileSync(join(faceApi, "model", group.paths[0]));
      return api.tf.io.decodeWeights(Uint8Array.from(bytes).buffer, group.weights);
    };

    /** Smooth patches of colour, like no noise that a network would never see. */
    function picture(side: number): Tensor<"float32"> {
      const wave = (i: number) => 127.5 + 127.5 * Math.sin(i);
      return tensor(
        "float32",
        [1, 3, side, side],
        Float32Array.from({ length: 3 * side * side }, (_, i) => {
          const [x, y, c] = [i % side, Math.floor(i / side) % side, Math.floor(i / side / side)];
          return Math.round(wave((8 * x) / side + c) * 0.5 + wave((11 * y) / side - c + (3 * x) / side) * 0.5);
        }),
      );
    }

    const channelsLast = ({ shape, data }: Tensor<"float32">) => {
      const plane = shape[2]! * shape[3]!;
      return api.tf.tensor3d(
        Float32Array.from(data, (_, i) => data[(i % 3) * plane + Math.floor(i / 3)]!),
        [shape[2]!, shape[3]!, 3],
      );
    };

    async function ours(prefix: string, build: (scope: Scope, x: Value) => Value, x: Tensor<"float32">) {
      const g = graph();
      const place = scope(g, prefix);
      output(g, "y", build(place, input(g, "x", "float32", x.shape)));
      const used = Object.fromEntries([...place.parameters.keys()].map((name) => [name, parameters[name]!]));
      await using session = await host.load({
        model: encodeModel(g, { parameters: "initializers" }),
        parameters: used,
      });
      return tensorOf(await session.run({ x }), "y").data as Float32Array;
    }

    test("detector", async () => {
      const net = new api.TinyFaceDetector();
      net.loadFromWeightMap(weights("tiny_face_detector_model"));
      const x = picture(416);
      const expected = (await net.forward(channelsLast(x), 416)).dataSync();
      const found = await ours("detector", tinyFaceDetector, x);
      const scale = Math.max(...expected.map(Math.abs));
      expect(expected.length).toBe(25 * 169);
      expect(scale).toBeGreaterThan(5);
      expected.forEach((v, i) => {
        expect(Math.abs(v - found[(i % 25) * 169 + Math.floor(i / 25)]!) / scale).toBeLessThan(1e-3);
      });
    });

    test("landmarks", async () => {
      const net = new api.FaceLandmark68Net();
      net.loadFromWeightMap(weights("face_landmark_68_model"));
      const x = picture(112);
      const expected = net.runNet(new api.NetInput([channelsLast(x)])).dataSync();
      const found = await ours("landmarks", landmarkNet, x);
      expect(expected.length).toBe(136);
      expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(0.2);
      expected.forEach((v, i) => void expect(112 * Math.abs(v - found[i]!)).toBeLessThan(0.1));
    });
  },
);
