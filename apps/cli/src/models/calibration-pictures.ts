import { stat } from "node:fs/promises";
import { type FaceExperts, findEmotion, frameFace, planesOf, sourcePicture } from "@prosopon/applications";
import { type SampleOptions, sample } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { isProsoponError, ProsoponError } from "@prosopon/errors";
import { alignmentOf, type ManifestOf } from "@prosopon/models";
import type { EditAllOptions } from "@prosopon/reenactment";
import { pictureFiles } from "../evaluate/picture-files.ts";

/** A picture, the emotion that it shows and those that it is to show. */
export type CalibrationEdit = Pick<EditAllOptions, "image" | "from" | "to">;

export interface CalibrationPictures {
  /** What the ranges are measured on. */
  readonly measured: readonly CalibrationEdit[];
  /** Other pictures, on which int8 is judged. */
  readonly judged: readonly CalibrationEdit[];
  /** One sentence about them. */
  readonly note: string;
}

export interface CalibrationPicturesOptions {
  readonly manifest: ManifestOf<"reenactment">;
  /** Side of the model's pictures. */
  readonly side: number;
  readonly faces: FaceExperts;
  /** Files and folders; without them portraits are drawn. */
  readonly paths: readonly string[] | undefined;
  /** Pictures to measure on at most; half as many are judged at most. */
  readonly count: number;
  readonly warn: (text: string) => void;
}

/** Two emotions that the picture does not show, by turns; not those that change least. */
function targets(from: string, index: number, emotions: readonly string[]): readonly string[] {
  const others = emotions.filter((name) => ![from, "neutral", "contempt"].includes(name));
  return [others[index % others.length]!, others[(index + 2) % others.length]!];
}

/** Portraits of people of the training part to measure on, of people whom no training saw to judge by. */
function drawn({ manifest, side, count }: CalibrationPicturesOptions): CalibrationPictures {
  const { emotions } = manifest.config;
  const edits = (length: number, options: Pick<SampleOptions, "seed" | "split">) =>
    Array.from({ length }, (_, index): CalibrationEdit => {
      const scene = sample({ ...options, index, speaking: 0 } as SampleOptions);
      const from = findEmotion(scene.emotion, emotions);
      return { image: planesOf(render(scene, { size: side }).image), from, to: targets(from, index, emotions) };
    });
  return {
    measured: edits(count, { seed: 99, split: "train" }),
    judged: edits(Math.ceil(count / 2), { seed: 100, split: "test" }),
    note: `${count} portraits rendered by @prosopon/corpus (seed 99, people of the training part)`,
  };
}

async function filesOf(paths: readonly string[]): Promise<readonly string[]> {
  const each = paths.map(async (path) => {
    const entry = await stat(path).catch(() => undefined);
    return entry?.isFile() ? [path] : pictureFiles(path);
  });
  return (await Promise.all(each)).flat();
}

/**
 * Pictures of the user's, or drawn ones for a model of rendered portraits; a third of the user's is kept for judging, and those without a
 * face are left out with a warning. @throws `bad-input` for a model of photographs without pictures, or fewer than two; `not-found`.
 */
export async function calibrationPictures(options: CalibrationPicturesOptions): Promise<CalibrationPictures> {
  const { manifest, side, faces, paths, count, warn } = options;
  const { domain, config } = manifest;
  const mend = "Give some with --pictures: a folder, or files.";
  if (!paths && domain === "rendered portraits") return drawn(options);
  if (!paths)
    throw new ProsoponError("bad-input", `A model of ${domain} is calibrated on pictures of its kind.`, { mend });
  const alignment = alignmentOf(manifest);
  const frame = { side, domain, alignment, aligned: false, wanted: undefined, warn };
  const edits: CalibrationEdit[] = [];
  const most = count + Math.ceil(count / 2);
  for (const file of await filesOf(paths)) {
    if (edits.length === most) break;
    try {
      const { image, markedAligned } = await sourcePicture(file, warn);
      const { crop } = await frameFace(image, { ...frame, markedAligned, find: (picture) => faces.faces(picture) });
      const from = (await faces.recognise(crop))?.emotion ?? config.emotions[0]!;
      edits.push({ image: planesOf(crop), from, to: targets(from, edits.length, config.emotions) });
    } catch (error) {
      if (!isProsoponError(error) || !["bad-input", "bad-file"].includes(error.code)) throw error;
      warn(`${file} is left out: ${error.message}`);
    }
  }
  if (edits.length < 2)
    throw new ProsoponError(
      "bad-input",
      `Two pictures are the least, not ${edits.length}: int8 is judged on others than it was measured on.`,
      { values: { pictures: edits.length }, mend },
    );
  const measuring = Math.min(count, edits.length - Math.max(1, Math.floor(edits.length / 3)));
  return {
    measured: edits.slice(0, measuring),
    judged: edits.slice(measuring),
    note: `${measuring} pictures of a user's`,
  };
}
