import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sample } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { type Image, image, type Point, writeWav } from "@prosopon/media";
import { openVideoWriter, writeImage } from "@prosopon/media/node";
import type { FaceFinder } from "@prosopon/perception";

/** A rendered portrait with its true landmarks in pixels. */
export function portraitOf(
  index: number,
  size = 64,
): { readonly picture: Image; readonly landmarks: readonly Point[] } {
  const { image: drawn, landmarks } = render(sample({ seed: 5, index, split: "train", speaking: 0 }), { size });
  return {
    picture: image(size, size, 3, drawn.data),
    landmarks: landmarks.map(([x, y]): Point => [x * size, y * size]),
  };
}

/** Finds the face of `portraitOf(0)` in every picture that is not plain black, wherever it really is. */
export function fixedFinder(): Pick<FaceFinder, "find"> & { calls: number } {
  const { landmarks } = portraitOf(0, 1);
  const finder = {
    calls: 0,
    async find(picture: Image) {
      finder.calls++;
      if (picture.data.every((value) => value < 8)) return [];
      const { width, height } = picture;
      const box = { x: 0.2 * width, y: 0.2 * height, width: 0.6 * width, height: 0.6 * height, score: 0.9 };
      return [{ box, landmarks: landmarks.map(([x, y]): Point => [x * width, y * height]) }];
    },
  };
  return finder;
}

/** A file of bytes or text, with its folders. */
export async function put(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

/** A picture, with its folders. */
export async function putPicture(file: string, picture: Image): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeImage(file, picture);
}

/** A NumPy file as AffectNet's: a text for the label, doubles for landmarks. */
export function npy(value: string | readonly number[]): Uint8Array {
  const text = typeof value === "string";
  const shape = text ? "()" : `(${value.length},)`;
  const header = `{'descr': '${text ? `<U${value.length}` : "<f8"}', 'fortran_order': False, 'shape': ${shape}, }`;
  const padded = `${header.padEnd(117)}\n`;
  const body = text
    ? new Uint8Array(Uint32Array.from(value, (c) => c.charCodeAt(0)).buffer)
    : new Uint8Array(Float64Array.from(value).buffer);
  const start = Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, padded.length, 0]);
  return Buffer.concat([start, Buffer.from(padded), body]);
}

/** AffectNet's reduced form: `labels` as its files say them; undefined leaves the annotation out. */
export async function affectnetFolder(folder: string, labels: readonly (string | undefined)[]): Promise<void> {
  for (const [index, label] of labels.entries()) {
    const { picture, landmarks } = portraitOf(index);
    await putPicture(join(folder, "train_set", "images", `${index}.png`), picture);
    if (label === undefined) continue;
    await put(join(folder, "train_set", "annotations", `${index}_exp.npy`), npy(label));
    const places = landmarks.flatMap(([x, y]) => [x - 0.5, y - 0.5]);
    await put(join(folder, "train_set", "annotations", `${index}_lnd.npy`), npy(places));
  }
}

/** A clip of MEAD's: a portrait beside a wide background, and its sound in a file of its own. */
export async function meadClip(
  folder: string,
  place: { readonly subject: string; readonly emotion: string; readonly clip: string },
  { frames = 14, silent = false }: { readonly frames?: number; readonly silent?: boolean } = {},
): Promise<void> {
  const { subject, emotion, clip } = place;
  const file = join(folder, subject, "video", "front", emotion, "level_1", `${clip}.mp4`);
  await mkdir(dirname(file), { recursive: true });
  const [width, height] = [192, 108];
  await using writer = await openVideoWriter(file, { width, height, frameRate: { numerator: 30, denominator: 1 } });
  for (let index = 0; index < frames; index++) {
    const { picture } = portraitOf(index % 3, height);
    const frame = image(width, height, 3);
    for (let y = 0; y < height; y++)
      frame.data.set(picture.data.subarray(3 * y * height, 3 * (y + 1) * height), 3 * (y * width + 40));
    await writer.write(frame);
  }
  await writer.close();
  if (silent) return;
  const samples = Float32Array.from({ length: 16000 }, (_, i) => 0.3 * Math.sin(i / 20) * Math.sin(i / 4000));
  const sound = writeWav({ sampleRate: 16000, channels: [samples] });
  await put(join(folder, subject, "audio", emotion, "level_1", `${clip}.wav`), sound);
}
