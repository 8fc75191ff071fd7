import { ProsoponError } from "@prosopon/errors";
import { type SpeakingClip, type SpeakingClipOptions, speakingClip } from "./speaking-clip.ts";

export interface SpeakingClipsOptions extends Omit<SpeakingClipOptions, "seed"> {
  /** The first clip's number; 0 if not given. Clip k of a stream is `speakingClip` with seed `from` + k. */
  readonly from?: number;
  /** Endless if not given. */
  readonly count?: number;
}

/**
 * Clips on the fly, one after the other; the next one is synthesized while the caller works on the present one.
 * @throws ProsoponError as `speakingClip` does.
 */
export async function* speakingClips({
  from = 0,
  count = Number.POSITIVE_INFINITY,
  ...options
}: SpeakingClipsOptions): AsyncGenerator<SpeakingClip, void, undefined> {
  if (!(count >= 0)) {
    throw new ProsoponError("bad-input", `${count} is no number of clips.`, { values: { count } });
  }
  const start = (index: number): Promise<SpeakingClip> | undefined => {
    if (index >= count) return undefined;
    const clip = speakingClip({ ...options, seed: from + index });
    // Reported when it is awaited; until then a failure must not count as unhandled.
    clip.catch(() => undefined);
    return clip;
  };
  let next = start(0);
  for (let index = 1; next; index += 1) {
    const clip = await next;
    next = start(index);
    yield clip;
  }
}
