import type { PlayClock } from "./player.ts";

export interface AudioClockOptions {
  readonly context: AudioContext;
  readonly sound: AudioBuffer;
  /** Where the sound goes; default the context's destination. */
  readonly destination?: AudioNode;
  /** Where in the sound to begin, seconds; default 0. */
  readonly from?: number;
}

/** A clock that is the sound itself: what has left the loudspeaker, as far as the browser knows its delay. */
export interface AudioClock extends PlayClock {
  readonly hold: () => void;
  readonly release: () => void;
  /** Goes to a place in the sound, seconds. */
  seek(seconds: number): void;
  /** Ends the sound. */
  stop(): void;
}

/** Plays `sound` and tells how much of it was heard. Starts held; `release` starts it. After its end the clock runs on in silence. */
export function audioClock({ context, sound, destination, from = 0 }: AudioClockOptions): AudioClock {
  let source: AudioBufferSourceNode | undefined;
  /** Place in the sound at `startedAt` of the context's time; where it is held while `source` is undefined. */
  let place = from;
  let startedAt = 0;
  const delay = (): number => context.outputLatency || context.baseLatency || 0;
  const now = (): number => (source ? Math.max(place, place + context.currentTime - delay() - startedAt) : place);
  const hold = (): void => {
    if (!source) return;
    place = now();
    source.stop();
    source.disconnect();
    source = undefined;
  };
  const release = (): void => {
    if (source) return;
    source = context.createBufferSource();
    source.buffer = sound;
    source.connect(destination ?? context.destination);
    startedAt = context.currentTime;
    source.start(startedAt, Math.min(place, sound.duration));
  };
  return {
    now,
    hold,
    release,
    seek(seconds) {
      const playing = source !== undefined;
      hold();
      place = seconds;
      if (playing) release();
    },
    stop: hold,
  };
}
