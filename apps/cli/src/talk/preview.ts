import { planesOf, type TalkingFace } from "@prosopon/applications";
import { mouthOpening } from "@prosopon/corpus";
import type { Image } from "@prosopon/media";
import { labelledSheet, soundChunks, writeFileAtomic } from "@prosopon/media/node";
import { plot } from "@prosopon/media/plot";
import type { Context } from "../context.ts";
import { writePicture } from "../write-picture.ts";

export interface PreviewOptions {
  /** Frames that are expected. */
  readonly total: number;
  readonly rate: number;
  readonly opened: TalkingFace;
  readonly context: Context;
}

const cells = 15;
const sampleRate = 16_000;

/** Collects a look at a talk: frames spread over it, and how far the mouth opens in each frame of its beginning. */
export function createPreview({ total, rate, opened, context }: PreviewOptions) {
  const shown: { readonly index: number; readonly image: Image }[] = [];
  const mouths: Image[] = [];
  const every = Math.max(1, total / cells);
  const seconds = 12;
  return {
    add(index: number, image: Image): void {
      if (shown.length < cells && index >= shown.length * every) shown.push({ index, image });
      if (index < seconds * rate) mouths.push(image);
    },
    /** Writes the sheet to `file` and the plot beside it. */
    async write(
      file: string,
      speech: string,
      options: { readonly ffmpeg?: string; readonly signal: AbortSignal },
    ): Promise<{ readonly sheet: string; readonly plot?: string }> {
      const labels = shown.map(({ index }) => `${(index / rate).toFixed(2)} s`);
      const sheet = await labelledSheet(
        shown.map(({ image }) => image),
        { columns: 5, labels },
      );
      const { manifest } = opened;
      await writePicture(context, file, sheet, {
        kind: "trainedAlgorithmicMedia",
        software: "Prosopon",
        version: context.version,
        model: manifest.name,
      });
      const loudness: number[] = [];
      let filled = 0;
      let sum = 0;
      const size = sampleRate / rate;
      reading: for await (const chunk of soundChunks(speech, { ...options, sampleRate }))
        for (const sample of chunk) {
          sum += sample * sample;
          if (++filled < size * (loudness.length + 1)) continue;
          loudness.push(Math.sqrt(sum / size));
          sum = 0;
          if (loudness.length >= mouths.length) break reading;
        }
      const openings = await opened.landmarks(mouths.map(planesOf));
      if (!openings) return { sheet: file };
      const most = Math.max(...loudness, 1e-6);
      const x = mouths.map((_, k) => k / rate);
      const svg = plot({
        kind: "line",
        title: `${manifest.name}: mouth and sound`,
        x: "seconds",
        y: "mouth opening, loudness",
        size: { width: 1100, height: 360 },
        series: [
          { name: "mouth opening / distance of the eyes", x, y: openings.map(mouthOpening) },
          {
            name: "loudness, scaled",
            x: x.slice(0, loudness.length),
            y: loudness.map((value) => (0.4 * value) / most),
          },
        ],
      });
      const mouth = file.replace(/\.[^.]+$/, ".mouth.svg");
      await writeFileAtomic(mouth, new TextEncoder().encode(svg));
      return { sheet: file, plot: mouth };
    },
  };
}
