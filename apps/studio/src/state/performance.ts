import { computed, signal } from "@preact/signals";
import { type AudioClock, audioClock, type Job, type PlayClock, type PlayReport, play } from "@prosopon/client";
import { isProsoponError } from "@prosopon/errors";
import { listen } from "../sound/microphone.ts";
import { agreed, facePicture } from "./face.ts";
import { gateway } from "./gateway.ts";
import { emotion, intensity, mode, pull, steps } from "./settings.ts";
import { sourceFilm } from "./source-film.ts";
import { speech, voice } from "./speech.ts";
import { warningsOf } from "./warnings-of.ts";

export type Phase = "idle" | "preparing" | "waiting" | "playing" | "done" | "stopped" | "failed";

/** The finished film, here in the page. */
export interface Film {
  readonly content: Blob;
  readonly url: string;
  readonly name: string;
  readonly mime: string;
  readonly digitalSourceType: string | null;
  /** What its maker should know. */
  readonly warnings: readonly string[];
}

export const phase = signal<Phase>("idle");
/** Whether a portrait speaks, or a film is dubbed. */
export const act = signal<"speak" | "dub">("speak");
export const busy = computed(() => ["preparing", "waiting", "playing"].includes(phase.value));
export const failure = signal("");
export const progress = signal<Job["progress"]>(null);
export const report = signal<PlayReport | undefined>(undefined);
/** Why the stream is being connected again; empty while it is connected. */
export const reconnecting = signal("");
export const reconnections = signal(0);
export const film = signal<Film | undefined>(undefined);
/** Milliseconds from the sound at the microphone to the picture, while the face is driven live. */
export const delay = signal<number | undefined>(undefined);
/** Milliseconds from the press of the button to the first picture. */
export const firstPicture = signal<number | undefined>(undefined);

let leaving: AbortController | undefined;
let current: string | undefined;
let canvas: HTMLCanvasElement | undefined;
let context: AudioContext | undefined;

/** Where pictures are drawn. A new canvas shows what the old one did. */
export const useCanvas = (element: HTMLCanvasElement | null): void => {
  const before = canvas;
  canvas = element ?? undefined;
  if (before && canvas && before !== canvas) show(before);
  if (!canvas) canvas = before;
};

/** Pictures may be of any size; the canvas takes theirs. */
function show(picture: ImageBitmap | HTMLCanvasElement): void {
  if (!canvas) return;
  if (canvas.width !== picture.width || canvas.height !== picture.height) {
    canvas.width = picture.width;
    canvas.height = picture.height;
  }
  canvas.getContext("2d")?.drawImage(picture, 0, 0);
}

/** A clock without sound, for a stream that this page has none for. */
function quietClock(): PlayClock & { readonly hold: () => void; readonly release: () => void } {
  let place = 0;
  let since: number | undefined;
  const now = (): number => (since === undefined ? place : place + (performance.now() - since) / 1000);
  return {
    now,
    hold() {
      place = now();
      since = undefined;
    },
    release() {
      since ??= performance.now();
    },
  };
}

const settings = () => ({ emotion: emotion.value, guidance: pull.speak.value, steps: steps.speak.value });
const portrayed = () => ({ consent: agreed(), intensity: intensity.value, ...settings() });
const say = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const address = (id: string | undefined): void =>
  history.replaceState(null, "", id ? `#job=${encodeURIComponent(id)}` : location.pathname);

function clear(): AbortController {
  leaving?.abort();
  if (film.value) URL.revokeObjectURL(film.value.url);
  film.value = undefined;
  failure.value = "";
  progress.value = null;
  report.value = undefined;
  reconnecting.value = "";
  reconnections.value = 0;
  delay.value = undefined;
  firstPicture.value = undefined;
  leaving = new AbortController();
  return leaving;
}

/** Runs `work` as the one performance of the page. */
async function perform(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = clear();
  phase.value = "preparing";
  try {
    await work(controller.signal);
    if (leaving === controller) phase.value = "done";
  } catch (error) {
    if (leaving !== controller) return;
    const ended = controller.signal.aborted || (isProsoponError(error) && error.code === "cancelled");
    phase.value = ended ? "stopped" : "failed";
    failure.value = ended ? "" : say(error);
    address(undefined);
  } finally {
    if (leaving === controller) reconnecting.value = "";
  }
}

async function follow(id: string, signal: AbortSignal): Promise<void> {
  for await (const job of gateway().watch(id, { signal })) progress.value = job.progress;
}

/** Streams a job onto the canvas against a clock; resolves after its last frame, with the film fetched. */
async function watch(
  id: string,
  clock: PlayClock,
  begun: number,
  signal: AbortSignal,
  rewind?: () => void,
): Promise<void> {
  current = id;
  address(id);
  phase.value = "waiting";
  follow(id, signal).catch(() => undefined);
  const ended = await play({
    events: gateway().events(id, {
      signal,
      onReconnect: ({ reason }) => {
        reconnecting.value = reason;
        reconnections.value += 1;
      },
    }),
    clock,
    signal,
    draw(picture: ImageBitmap) {
      if (phase.value === "waiting") {
        phase.value = "playing";
        firstPicture.value = performance.now() - begun;
      }
      reconnecting.value = "";
      show(picture);
    },
    onReport(next) {
      report.value = next;
    },
    ...(rewind ? { onReset: rewind } : {}),
  });
  signal.throwIfAborted();
  if (ended.end?.reason === "CANCELLED") throw new DOMException("The job was cancelled.", "AbortError");
  if (ended.end && ended.end.reason !== "COMPLETED")
    throw new Error(ended.end.message ?? "No worker took the job in time.");
  await fetchFilm(id, signal);
}

async function fetchFilm(id: string, signal: AbortSignal): Promise<void> {
  const { artifact } = await gateway().job(id);
  if (!artifact) return;
  const { content, name, mime, digitalSourceType, table } = await gateway().artifact(id, { signal });
  const warnings = warningsOf(table);
  film.value = { content, url: URL.createObjectURL(content), name, mime, digitalSourceType, warnings };
}

/** Starts a job with the chosen speech and plays its frames with the sound. */
function aloud(begin: (speech: string, signal: AbortSignal) => Promise<Job>): Promise<void> {
  context ??= new AudioContext();
  const sounding = context;
  // Within the press of the button, or the browser keeps the sound back.
  void sounding.resume();
  const begun = performance.now();
  return perform(async (signal) => {
    const sound = speech.value;
    if (!sound) throw new Error("Record or choose some speech first.");
    const words = await gateway().upload(sound.file, undefined, { signal });
    const { id } = await begin(words.id, signal);
    const clock: AudioClock = audioClock({ context: sounding, sound: sound.buffer });
    try {
      await watch(id, clock, begun, signal, () => clock.seek(0));
    } finally {
      clock.stop();
    }
  });
}

/** The face says the speech. */
const speak = (): Promise<void> =>
  aloud(async (speech, signal) => {
    const face = await gateway().upload(await facePicture(), undefined, { signal });
    return gateway().talk({ picture: face.id, speech, ...portrayed() }, { signal });
  });

/** The film's face says the speech. */
const dub = (): Promise<void> =>
  aloud(async (speech, signal) => {
    const given = sourceFilm.value;
    if (!given) throw new Error("Choose a film first.");
    const video = await gateway().upload(given.content, undefined, { signal });
    return gateway().dub({ video: video.id, speech, consent: true, ...settings() }, { signal });
  });

/** The microphone drives the face until `stop`. */
const speakLive = (): Promise<void> => {
  const begun = performance.now();
  return perform(async (signal) => {
    const face = await gateway().upload(await facePicture());
    const { id } = await gateway().talk({ picture: face.id, live: true, ...portrayed() }, { signal });
    current = id;
    address(id);
    phase.value = "waiting";
    const input = await gateway().live(id);
    let first: number | undefined;
    const microphone = await listen((samples) => {
      // When the first sample of the sound was heard: the start of what pts counts from.
      first ??= performance.now() - 40;
      input.write(samples).catch(() => undefined);
    });
    closeLive = async () => {
      microphone.stop();
      await input.close().catch(() => undefined);
    };
    try {
      for await (const frame of gateway().frames(id, { signal, delivery: "LIVE" })) {
        const picture = await createImageBitmap(new Blob([frame.data], { type: frame.mime }));
        show(picture);
        picture.close();
        if (phase.value === "waiting") {
          phase.value = "playing";
          firstPicture.value = performance.now() - begun;
        }
        if (first !== undefined)
          delay.value = performance.now() - first - 1000 * (frame.pts + (frame.duration ?? 0.04));
      }
      await fetchFilm(id, signal);
    } finally {
      await closeLive();
      closeLive = undefined;
    }
  });
};
let closeLive: (() => Promise<void>) | undefined;

/** Starts what is chosen, in place of what goes on. */
export async function start(): Promise<void> {
  if (busy.value) await cancel();
  act.value = mode.value === "dub" ? "dub" : "speak";
  if (act.value === "dub") return dub();
  return voice.value === "live" ? speakLive() : speak();
}

/** Ends live speech in good order: the face finishes what was said. */
export const finishLive = async (): Promise<void> => closeLive?.();

/** Ends the job at the gateway too. */
export async function cancel(): Promise<void> {
  const id = current;
  leaving?.abort();
  if (busy.value) phase.value = "stopped";
  if (id)
    await gateway()
      .cancel(id)
      .catch(() => undefined);
  address(undefined);
}

/** After a reload of the page: the job that its address names goes on, without the sound, which only the old page had. */
export function resume(): void {
  const id = /^#job=([\w%-]{1,128})$/.exec(location.hash)?.[1];
  if (!id) return;
  void perform(async (signal) => {
    const clock = quietClock();
    const { application } = await gateway().job(decodeURIComponent(id));
    act.value = application === "dub" ? "dub" : "speak";
    mode.value = act.value;
    await watch(decodeURIComponent(id), clock, performance.now(), signal);
  });
}
