import { signal } from "@preact/signals";
import { type Recording, record } from "../sound/microphone.ts";
import { longest, type SpeechSound, speechSound } from "../sound/speech-sound.ts";

export const speech = signal<SpeechSound | undefined>(undefined);
/** "live": the microphone drives the face while one speaks. */
export const voice = signal<"sound" | "live">("sound");
export const recording = signal<"no" | "asking" | "yes">("no");
/** Seconds recorded so far. */
export const recorded = signal(0);
export const speechTrouble = signal("");

let current: Recording | undefined;
let ticking: ReturnType<typeof setInterval> | undefined;

const attempt = async (work: () => Promise<void>): Promise<void> => {
  speechTrouble.value = "";
  try {
    await work();
  } catch (error) {
    speechTrouble.value = error instanceof Error ? error.message : String(error);
  }
};

/** Takes a file or recording as the speech. */
export const useSpeech = (content: Blob): Promise<void> =>
  attempt(async () => {
    speech.value = await speechSound(content);
  });

/** The sentence that comes with the page. */
export const useExample = (): Promise<void> =>
  attempt(async () => {
    speech.value = await speechSound(await (await fetch("./example.wav")).blob());
  });

export const startRecording = (): Promise<void> =>
  attempt(async () => {
    recording.value = "asking";
    try {
      current = await record();
    } catch (error) {
      recording.value = "no";
      throw error;
    }
    recording.value = "yes";
    const begun = performance.now();
    recorded.value = 0;
    ticking = setInterval(() => {
      recorded.value = (performance.now() - begun) / 1000;
      if (recorded.value >= longest) void stopRecording();
    }, 100);
  });

export const stopRecording = (): Promise<void> =>
  attempt(async () => {
    clearInterval(ticking);
    const ended = current;
    current = undefined;
    recording.value = "no";
    if (ended) speech.value = await speechSound(await ended.stop());
  });
