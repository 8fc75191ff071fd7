import { ProsoponError } from "@prosopon/errors";
import { waveFile } from "./wave-file.ts";

/** The rate that speech is sent at, Hz. */
export const speechRate = 16_000;
/** The longest speech that is sent, seconds. */
export const longest = 60;

/** Speech, ready to be heard and sent. */
export interface SpeechSound {
  readonly buffer: AudioBuffer;
  /** 16 kHz, one channel, WAV. */
  readonly file: Blob;
  readonly seconds: number;
  /** Loudest sample in each of 96 equal parts, 0 to 1. */
  readonly outline: readonly number[];
}

/**
 * A recording or file of any kind that the browser plays, as 16 kHz mono. Only samples are kept: no name, no tags.
 * @throws ProsoponError `bad-file` if the browser cannot play it, it is silent, or longer than a minute.
 */
export async function speechSound(content: Blob): Promise<SpeechSound> {
  const context = new OfflineAudioContext(1, speechRate, speechRate);
  const decoded = await context.decodeAudioData(await content.arrayBuffer()).catch((cause) => {
    throw new ProsoponError("bad-file", "This browser cannot play the file.", {
      mend: "Try a WAV or MP3 file.",
      cause,
    });
  });
  if (decoded.duration > longest + 0.5) {
    throw new ProsoponError("bad-file", `The sound is ${Math.round(decoded.duration)} seconds long.`, {
      values: { seconds: decoded.duration },
      mend: `Choose one of at most ${longest} seconds.`,
    });
  }
  const mixer = new OfflineAudioContext(1, Math.max(1, Math.round(decoded.duration * speechRate)), speechRate);
  const source = mixer.createBufferSource();
  source.buffer = decoded;
  source.connect(mixer.destination);
  source.start();
  const buffer = await mixer.startRendering();
  const samples = buffer.getChannelData(0);
  if (!samples.some((value) => Math.abs(value) > 1e-4)) {
    throw new ProsoponError("bad-file", "There is only silence in this sound.", {
      mend: "Check the microphone and try again.",
    });
  }
  return { buffer, file: waveFile(samples, speechRate), seconds: buffer.duration, outline: outlineOf(samples) };
}

function outlineOf(samples: Float32Array, parts = 96): number[] {
  const size = samples.length / parts;
  const loudest = Array.from({ length: parts }, (_, part) => {
    let most = 0;
    for (let i = Math.floor(part * size); i < Math.floor((part + 1) * size); i += 1)
      most = Math.max(most, Math.abs(samples[i] ?? 0));
    return most;
  });
  const top = Math.max(...loudest, 1e-6);
  return loudest.map((value) => value / top);
}
