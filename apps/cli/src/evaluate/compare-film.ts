import { type Image, resize, toRgb } from "@prosopon/media";
import { readVideo, type Video } from "@prosopon/media/node";
import { ssim } from "@prosopon/metrics";
import type { Context } from "../context.ts";
import type { Distance } from "./open-distance.ts";
import { planesOf } from "./open-judges.ts";
import { type Protocol, psnrOf } from "./protocol.ts";

export interface FilmComparison extends AsyncDisposable {
  /** One more frame of the film that is judged, in order. @throws `bad-input` for another size, outside of the thesis' protocol. */
  add(frame: Image): Promise<void>;
  /** Frames that both films have. */
  readonly frames: number;
  result(): Readonly<Record<string, number | undefined>>;
  readonly notes: readonly string[];
}

/** Compares frame by frame with a film of the truth, at the rate of the film that is judged. @throws `not-found`, `bad-file` */
export async function compareFilm(
  { signal }: Context,
  file: string,
  { film, protocol, distance }: { readonly film: Video; readonly protocol: Protocol; readonly distance: Distance },
): Promise<FilmComparison> {
  const truth = await readVideo(file, { signal, frameRate: film.frameRate });
  const frames = truth.frames()[Symbol.asyncIterator]();
  const [peak, structure] = [psnrOf(protocol), ssim({ downsample: true })];
  const scores = { psnr: peak.start(), ssim: structure.start() };
  let [apart, count, ended] = [0, 0, false];
  return {
    async add(frame) {
      const next = ended ? { done: true as const, value: undefined } : await frames.next();
      ended = next.done === true;
      if (next.done) return;
      const { width, height } = frame;
      const found = toRgb(next.value);
      const reference = protocol === "thesis" ? resize(found, { width, height, antialias: false }) : found;
      const image = toRgb(frame);
      scores.psnr.add({ reference, image });
      scores.ssim.add({ reference, image });
      apart += (await distance.judge.distances(planesOf(reference), planesOf(image), { signal }))[0]!;
      count++;
    },
    get frames() {
      return count;
    },
    result: () => ({
      psnr: count > 0 ? scores.psnr.result().mean : undefined,
      ssim: count > 0 ? scores.ssim.result().mean : undefined,
      [distance.key]: count > 0 ? apart / count : undefined,
    }),
    get notes() {
      return [
        protocol === "thesis"
          ? `Protocol of the thesis: ${count} frames of the true film, bilinearly to the judged film's size without antialiasing, means over frames; PSNR with epsilon 1e-8.`
          : `${count} frames of the true film as they are, means over frames.`,
        peak.protocol,
        structure.protocol,
        distance.note,
      ];
    },
    [Symbol.asyncDispose]: async () => void (await frames.return?.()),
  };
}
