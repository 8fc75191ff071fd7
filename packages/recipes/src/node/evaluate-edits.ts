import { emotions, type Scene, sample } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { tensor } from "@prosopon/graph";
import { fromPlanar, type Image, image, keepDetail, type Point, toPlanar } from "@prosopon/media";
import { type EmotionAccuracy, emotionAccuracy, landmarkError, nearestIdentity, psnr, ssim } from "@prosopon/metrics";
import type { ExpertRunner } from "@prosopon/perception";
import type { Editor, EditSettingsInput, Reconstructor } from "@prosopon/reenactment";
import { editTruth, otherTruth } from "./edited-scene.ts";

export interface EvaluateEditsOptions {
  readonly editor: Editor;
  /** The editor's first stage. */
  readonly reconstructor: Reconstructor;
  /** Judges only: networks that no loss of the edited model has seen. */
  readonly judges: {
    readonly emotion: ExpertRunner;
    readonly identity: ExpertRunner;
    readonly landmarks: ExpertRunner;
  };
  /** Held-out people, each in one picture. */
  readonly people: number;
  readonly settings: readonly EditSettingsInput[];
  /** Seed of the held-out data set. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** How one setting did, per target and on average. Decibels are against the plain reconstruction. */
export interface EditScores {
  readonly settings: EditSettingsInput;
  readonly targets: readonly TargetScores[];
  readonly accuracy: number;
  /** The same judge on the same people rendered with the target emotion: what could be had at best. */
  readonly accuracyOnTruth: number;
  readonly psnr: number;
  /** Share of edits nearer to their source than to each of `others` other people. */
  readonly identity: { readonly rate: number; readonly others: number };
  /** Mouth and brows against the same person rendered with the target emotion, in interocular distances: where they are in truth, and where the judge sees them. */
  readonly landmarks: { readonly exact: LandmarkScores; readonly judged: Omit<LandmarkScores, "truth"> };
  /** PSNR of pixels outside the face, of plain edits against the reconstruction. */
  readonly outside: number;
  /** Edits as `prosopon reenact` shows them, with the source where they left it alone: their accuracy, and `outside` against the source itself. */
  readonly shown: { readonly accuracy: number; readonly outside: number };
}

/** Errors of the landmarks that the judge sees. */
export interface LandmarkScores {
  readonly edits: number;
  /** In the rendered truth itself. */
  readonly truth: number;
  /** In another rendering of what was asked for, as the first stage gives it: an edit cannot know which one is meant. */
  readonly other: number;
  readonly unedited: number;
}

export interface TargetScores {
  readonly target: string;
  readonly accuracy: EmotionAccuracy["perTarget"][string];
  readonly psnr: number;
  readonly ssim: number;
}

const side = 128;
/** Happy to angry: the six targets of the thesis. */
export const editTargets = emotions.slice(1, 7);
const mouthAndBrows = [
  ...Array.from({ length: 10 }, (_, i) => 17 + i),
  ...Array.from({ length: 20 }, (_, i) => 48 + i),
];

const points = (row: ArrayLike<number>): Point[] =>
  Array.from({ length: 68 }, (_, i): Point => [row[2 * i]! * side, row[2 * i + 1]! * side]);

/** The pixels outside of an ellipse around the landmarks of the source and of the target, brows and jaw included, in one row. */
function outsideOf(source: Image, faces: readonly (readonly Point[])[]): Image {
  const xs = faces.flatMap((face) => face.map(([x]) => x));
  const ys = faces.flatMap((face) => face.map(([, y]) => y));
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const [cx, cy] = [(left + right) / 2, (top + bottom) / 2];
  const [rx, ry] = [0.62 * (right - left), 0.72 * (bottom - top)];
  const found: number[] = [];
  for (let y = 0; y < source.height; y++)
    for (let x = 0; x < source.width; x++)
      if (((x + 0.5 - cx) / rx) ** 2 + ((y + 0.5 - cy) / ry) ** 2 >= 1) {
        const at = 3 * (y * source.width + x);
        found.push(...source.data.subarray(at, at + 3));
      }
  return image(found.length / 3, 1, 3, Uint8Array.from(found));
}

/** Mean landmark errors of several faces against the same truth, by name. */
function landmarkErrors<Name extends string>(...names: Name[]) {
  const all = names.map(
    (name) => [name, landmarkError({ points: mouthAndBrows, unit: "eye-centres" }).start()] as const,
  );
  return {
    add(expected: readonly Point[], found: Readonly<Record<Name, readonly Point[]>>) {
      for (const [name, errors] of all) errors.add({ expected, found: found[name] });
    },
    result: () => Object.fromEntries(all.map(([name, errors]) => [name, errors.result().mean])) as Record<Name, number>,
  };
}

/** Share judged as the target, mean over the targets. */
const meanTop1 = ({ perTarget }: EmotionAccuracy): number =>
  editTargets.reduce((sum, target) => sum + perTarget[target]!.top1, 0) / editTargets.length;

/** A held-out scene, frontal enough and not speaking, one for each person. */
function scenesOf(people: number, seed: number): readonly Scene[] {
  const seen = new Set<number>();
  const found: Scene[] = [];
  for (let index = 0; found.length < people; index++) {
    const scene = sample({ seed, index, split: "test", speaking: 0 });
    if (seen.has(scene.identity)) continue;
    seen.add(scene.identity);
    found.push(scene);
  }
  return found;
}

/** Edits held-out rendered portraits to every target that they do not show, and has the judges look. Protocol of the thesis' Table 4.2. */
export async function evaluateEdits(options: EvaluateEditsOptions): Promise<readonly EditScores[]> {
  const { editor, reconstructor, judges, people, settings, seed = 7070, signal, onProgress } = options;
  const scenes = scenesOf(people, seed);
  const others = Math.min(100, people - 1);
  const all: EditScores[] = [];
  for (const [nth, setting] of settings.entries()) {
    const accuracy = emotionAccuracy({ classes: emotions }).start();
    const onTruth = emotionAccuracy({ classes: emotions }).start();
    const perTarget = new Map(editTargets.map((target) => [target, { psnr: psnr().start(), ssim: ssim().start() }]));
    const overall = psnr().start();
    const outside = psnr().start();
    const shown = {
      accuracy: emotionAccuracy({ classes: emotions }).start(),
      outside: psnr().start(),
    };
    const nearest = nearestIdentity({ others }).start();
    const exact = landmarkErrors("edits", "truth", "other", "unedited");
    const alike = landmarkErrors("edits", "other", "unedited");
    for (const [index, scene] of scenes.entries()) {
      signal?.throwIfAborted();
      const source = render(scene, { size: side });
      const picture = image(side, side, 3, source.image.data);
      const planes = toPlanar(picture);
      const to = editTargets.filter((target) => target !== scene.emotion);
      const run = editor.editAll({
        image: tensor("float32", [1, 3, side, side], planes),
        from: scene.emotion,
        to,
        ...setting,
        ...(signal ? { signal } : {}),
      });
      let step = await run.next();
      while (!step.done) step = await run.next();
      const results = step.value;
      const before = fromPlanar(results[0]!.reconstruction.data, side, side);
      const truths = to.map((emotion) => render(editTruth(scene, emotion), { size: side }));
      const planesOf = (pixels: Uint8Array) => toPlanar(image(side, side, 3, pixels));
      // The picture, then edits, truths and other renderings.
      const stack = new Float32Array((3 * to.length + 1) * planes.length);
      const put = (nth: number, data: Float32Array) => stack.set(data, nth * planes.length);
      put(0, results[0]!.reconstruction.data);
      for (const [i, result] of results.entries()) {
        put(1 + i, result.image.data);
        put(1 + to.length + i, planesOf(truths[i]!.image.data));
        const other = planesOf(render(otherTruth(scene, to[i]!), { size: side }).image.data);
        const { data } = await reconstructor.reconstruct(tensor("float32", [1, 3, side, side], other));
        put(1 + 2 * to.length + i, data);
      }
      for (let i = 0; i < stack.length; i++) stack[i] = Math.max(-1, Math.min(1, stack[i]!));
      const seen = tensor("float32", [3 * to.length + 1, 3, side, side], stack);
      const [emotion, identity, landmarks] = [
        await judges.emotion.run(seen),
        await judges.identity.run(seen),
        await judges.landmarks.run(seen),
      ];
      const rowOf = ({ shape, data }: typeof emotion, n: number) => data.subarray(n * shape[1]!, (n + 1) * shape[1]!);
      const own = source.landmarks.map(([x, y]): Point => [x * side, y * side]);
      for (const [i, target] of to.entries()) {
        const after = fromPlanar(results[i]!.image.data, side, side);
        const truth = truths[i]!.landmarks.map(([x, y]): Point => [x * side, y * side]);
        accuracy.add({ target, scores: rowOf(emotion, i + 1) });
        onTruth.add({ target, scores: rowOf(emotion, to.length + 1 + i) });
        const scores = perTarget.get(target)!;
        scores.psnr.add({ reference: before, image: after });
        scores.ssim.add({ reference: before, image: after });
        overall.add({ reference: before, image: after });
        outside.add({ reference: outsideOf(before, [own, truth]), image: outsideOf(after, [own, truth]) });
        const kept = keepDetail(after, { source: picture, reconstruction: before });
        shown.outside.add({ reference: outsideOf(picture, [own, truth]), image: outsideOf(kept, [own, truth]) });
        const looked = await judges.emotion.run(tensor("float32", [1, 3, side, side], toPlanar(kept)));
        shown.accuracy.add({ target, scores: rowOf(looked, 0) });
        nearest.add({ person: `${scene.identity}`, source: rowOf(identity, 0), edit: rowOf(identity, i + 1) });
        const at = (nth: number) => points(rowOf(landmarks, nth));
        const found = {
          edits: at(1 + i),
          truth: at(1 + to.length + i),
          other: at(1 + 2 * to.length + i),
          unedited: at(0),
        };
        exact.add(truth, found);
        alike.add(found.truth, found);
      }
      onProgress?.(nth * people + index + 1, settings.length * people);
    }
    const judged = accuracy.result();
    const targets = editTargets.map((target): TargetScores => {
      const { psnr, ssim } = perTarget.get(target)!;
      return { target, accuracy: judged.perTarget[target]!, psnr: psnr.result().mean, ssim: ssim.result().mean };
    });
    all.push({
      settings: setting,
      targets,
      accuracy: meanTop1(judged),
      accuracyOnTruth: meanTop1(onTruth.result()),
      psnr: overall.result().mean,
      identity: { rate: nearest.result().rate, others },
      landmarks: { exact: exact.result(), judged: alike.result() },
      outside: outside.result().mean,
      shown: { accuracy: meanTop1(shown.accuracy.result()), outside: shown.outside.result().mean },
    });
  }
  return all;
}
