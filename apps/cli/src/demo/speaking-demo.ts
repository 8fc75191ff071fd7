import { fileURLToPath } from "node:url";
import { filmEnding, openFilm, openTalkingFace, portraitFrames } from "@prosopon/applications";
import { ProsoponError } from "@prosopon/errors";
import { type Image, image, sheet } from "@prosopon/media";
import { soundChunks } from "@prosopon/media/node";
import type { SigningIdentity } from "@prosopon/provenance/c2pa";
import type { TalkFrame } from "@prosopon/talking-face";
import type { Reporter } from "../reporter.ts";

export interface SpeakingDemoOptions {
  readonly portrait: Image;
  readonly folders: readonly string[];
  readonly device: "auto" | "cpu" | "webgpu" | "cuda";
  readonly version: string;
  readonly ffmpeg?: string;
  readonly signer?: SigningIdentity | undefined;
  readonly signal: AbortSignal;
}

export interface SpeakingDemo {
  readonly model: string;
  readonly emotions: readonly string[];
  readonly framesPerSecond: number;
  readonly frames: number;
  readonly seconds: number;
  /** Frames in a grid, for a page that plays them with the sound; only where there is no film. */
  readonly sprite?: {
    readonly image: Image;
    readonly columns: number;
    readonly width: number;
    readonly height: number;
  };
}

/** The recording that the demo speaks; see assets/README.md. */
export const demoSpeech = fileURLToPath(new URL("../../assets/cold-hearted.wav", import.meta.url));

const wanted = ["neutral", "happy", "sad", "angry"] as const;
const spriteColumns = 12;

/**
 * One portrait says one sentence in four emotions at once. Writes a film to `file` with the ending that this machine can write, and says
 * which. Undefined where no talking-face model is installed.
 */
export async function speakingDemo(
  stem: string,
  reporter: Reporter,
  { portrait, folders, device, version, ffmpeg, signer, signal }: SpeakingDemoOptions,
): Promise<(SpeakingDemo & { readonly file: string }) | undefined> {
  const begun = performance.now();
  await using opened = await openTalkingFace({ folders, device, signal }).catch((error: unknown) => {
    if (error instanceof ProsoponError && error.code === "not-found") return undefined;
    throw error;
  });
  if (!opened) return undefined;
  const { manifest, side } = opened;
  const { framesPerSecond, emotions: known } = manifest.config;
  const emotions = wanted.filter((name) => known.includes(name));
  const ending = await filmEnding(ffmpeg);
  const file = `${stem}${ending}`;
  const [width, height] = [2 * side, Math.ceil(emotions.length / 2) * side];
  await using film = await openFilm(file, {
    width,
    height,
    framesPerSecond,
    kind: "trainedAlgorithmicMedia",
    details: { software: "Prosopon", version, model: manifest.name },
    identity: signer,
    ...(ending === ".mp4" ? { audio: demoSpeech } : {}),
    ...(ffmpeg === undefined ? {} : { ffmpeg }),
    signal,
  });
  const speakers = emotions.map((emotion) =>
    portraitFrames(
      opened,
      { portrait, speech: soundChunks(demoSpeech, { signal }), emotion, intensity: 3 },
      { signal },
    ),
  );
  let total = 0;
  for await (const chunk of soundChunks(demoSpeech, { signal })) total += chunk.length;
  const frames = Math.ceil((total / 16_000) * framesPerSecond - 1e-9);
  const progress = await reporter.progress(frames);
  const shown: Image[] = [];
  try {
    for (let k = 0; k < frames; k++) {
      const now: TalkFrame[] = [];
      for (const speaker of speakers) {
        const { done, value } = await speaker.next();
        if (!done) now.push(value);
      }
      if (now.length < speakers.length) break;
      const frame = sheet(
        now.map(({ pixels }) => image(side, side, 3, pixels)),
        { columns: 2, gap: 0 },
      );
      await film.write(frame);
      if (ending === ".webp") shown.push(frame);
      progress.update(k + 1, "speaking");
    }
    await film.close();
  } finally {
    progress.stop();
    for (const speaker of speakers) await speaker.return();
  }
  return {
    model: manifest.name,
    emotions,
    framesPerSecond,
    frames,
    seconds: (performance.now() - begun) / 1000,
    file,
    ...(shown.length > 0
      ? { sprite: { image: sheet(shown, { columns: spriteColumns, gap: 0 }), columns: spriteColumns, width, height } }
      : {}),
  };
}
