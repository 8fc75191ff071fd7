import { computed, signal } from "@preact/signals";
import { isProsoponError } from "@prosopon/errors";
import { agreed, facePicture, photograph } from "./face.ts";
import { gateway } from "./gateway.ts";
import { emotion, pull, shown, steps, strength } from "./settings.ts";
import { warningsOf } from "./warnings-of.ts";

/** An edit of the face to one emotion. */
export interface Feeling {
  readonly emotion: string;
  readonly state: "waiting" | "working" | "done" | "failed" | "stopped";
  /** 0 to 1. */
  readonly done: number;
  /** A look at it on the way. */
  readonly preview?: string;
  readonly url?: string;
  readonly name?: string;
  readonly digitalSourceType?: string | null;
  readonly warnings?: readonly string[];
  readonly message?: string;
}

export const feelings = signal<readonly Feeling[]>([]);
/** The picture that was edited. */
export const before = signal<string | undefined>(undefined);
/** Which feeling the big picture compares with. */
export const compared = signal("");
export const working = computed(() => feelings.value.some(({ state }) => state === "waiting" || state === "working"));
export const feelingTrouble = signal("");

let leaving: AbortController | undefined;
const running = new Set<string>();

const set = (name: string, change: Partial<Feeling>): void => {
  feelings.value = feelings.value.map((one) => (one.emotion === name ? { ...one, ...change } : one));
};

/** Edits the face to the chosen emotion, or to all six basic ones. */
export async function feel(all: boolean): Promise<void> {
  leaving?.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  for (const { url } of feelings.value) if (url) URL.revokeObjectURL(url);
  if (before.value) URL.revokeObjectURL(before.value);
  const wanted = all ? sixEmotions : [emotion.value];
  feelingTrouble.value = "";
  feelings.value = wanted.map((name) => ({ emotion: name, state: "waiting", done: 0 }));
  compared.value = wanted[0] ?? "";
  try {
    const face = await facePicture();
    before.value = URL.createObjectURL(face);
    const { id } = await gateway().upload(face, face.type, { signal });
    await Promise.all(wanted.map((name) => edit(id, name, signal)));
  } catch (error) {
    if (signal.aborted) return;
    feelingTrouble.value = error instanceof Error ? error.message : String(error);
    feelings.value = [];
  }
}

/** The emotions of the grid, as the thesis has them. */
export const sixEmotions = ["happy", "sad", "surprised", "scared", "disgusted", "angry"];

async function edit(image: string, name: string, signal: AbortSignal): Promise<void> {
  try {
    const { id } = await gateway().reenact(
      {
        picture: image,
        consent: agreed(),
        ...(photograph.value ? (shown.value ? { from: shown.value } : {}) : { from: "neutral" }),
        to: [name],
        strength: Math.round(1000 * strength.value),
        guidance: pull.feel.value,
        steps: steps.feel.value,
      },
      { signal },
    );
    running.add(id);
    look(id, name, signal).catch(() => undefined);
    try {
      for await (const { state, progress } of gateway().watch(id, { signal })) {
        if (state === "RUNNING")
          set(name, { state: "working", done: progress?.total ? progress.done / progress.total : 0 });
      }
      await gateway().finished(id, { signal });
      const { content, name: file, digitalSourceType, table } = await gateway().artifact(id, { signal });
      const url = URL.createObjectURL(content);
      set(name, { state: "done", done: 1, url, name: file, digitalSourceType, warnings: warningsOf(table) });
    } finally {
      running.delete(id);
    }
  } catch (error) {
    const stopped = signal.aborted || (isProsoponError(error) && error.code === "cancelled");
    set(name, {
      state: stopped ? "stopped" : "failed",
      message: error instanceof Error ? error.message : String(error),
    });
  }
}

/** Shows what the model sees while it works. */
async function look(id: string, name: string, signal: AbortSignal): Promise<void> {
  let last: string | undefined;
  try {
    for await (const { data, mime } of gateway().frames(id, { signal, delivery: "LIVE" })) {
      const preview = URL.createObjectURL(new Blob([data], { type: mime }));
      set(name, { preview });
      if (last) URL.revokeObjectURL(last);
      last = preview;
    }
  } finally {
    // Once the result is there the looks are not needed; a moment later, so that nothing shows a picture that is gone.
    const seen = last;
    if (seen) setTimeout(() => URL.revokeObjectURL(seen), 10_000);
  }
}

/** Ends all edits at the gateway too. */
export async function stopFeeling(): Promise<void> {
  leaving?.abort();
  feelings.value = feelings.value.map((one) => (one.state === "done" ? one : { ...one, state: "stopped" }));
  await Promise.all(
    [...running].map((id) =>
      gateway()
        .cancel(id)
        .catch(() => undefined),
    ),
  );
}
