import type { JSX } from "preact";
import { mode } from "../state/settings.ts";
import {
  recorded,
  recording,
  speech,
  speechTrouble,
  startRecording,
  stopRecording,
  useExample,
  useSpeech,
  voice,
} from "../state/speech.ts";
import { FileButton } from "./file-button.tsx";
import { Icon } from "./icon.tsx";

const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** The outline of a sound as bars. */
const Outline = ({
  values,
  seconds,
}: {
  readonly values: readonly number[];
  readonly seconds: number;
}): JSX.Element => (
  <figure class="outline">
    <svg
      viewBox={`0 0 ${4 * values.length} 48`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`Speech of ${seconds.toFixed(1)} seconds`}
    >
      {values.map((value, i) => (
        <rect
          key={i}
          x={4 * i}
          y={24 - Math.max(1, 22 * value)}
          width="2.500"
          height={Math.max(2, 44 * value)}
          rx="1.200"
        />
      ))}
    </svg>
    <figcaption>{clock(seconds)}</figcaption>
  </figure>
);

/** Record speech, bring a file, or speak live. */
export const VoicePanel = (): JSX.Element => {
  const dubbing = mode.value === "dub";
  const live = voice.value === "live" && !dubbing;
  const busy = recording.value !== "no";
  return (
    <section class="panel" aria-labelledby="voice-title">
      <header class="panel-head">
        <h2 id="voice-title">
          <span class="step">3</span> Voice
        </h2>
        {!dubbing && (
          <label class="switch">
            <input
              type="checkbox"
              role="switch"
              checked={live}
              aria-checked={live}
              disabled={busy}
              onChange={(event) => {
                voice.value = event.currentTarget.checked ? "live" : "sound";
              }}
            />
            <span>Live</span>
          </label>
        )}
      </header>
      {live ? (
        <p class="hint">The face follows your microphone while you speak. Headphones keep it from hearing itself.</p>
      ) : (
        <>
          {speech.value && !busy && <Outline values={speech.value.outline} seconds={speech.value.seconds} />}
          {busy && (
            <p class="recording" role="timer">
              <span class="dot" />{" "}
              {recording.value === "asking" ? "Asking for the microphone" : `Recording ${clock(recorded.value)}`}
            </p>
          )}
          <div class="row">
            <button
              type="button"
              class={busy ? "danger grow" : "secondary grow"}
              disabled={recording.value === "asking"}
              onClick={busy ? stopRecording : startRecording}
            >
              <Icon name={busy ? "stop" : "microphone"} filled={busy} />{" "}
              {busy ? "Stop" : speech.value ? "Record again" : "Record"}
            </button>
            <FileButton label="File" accept="audio/*,video/mp4,video/webm" disabled={busy} take={useSpeech} />
            <button type="button" class="secondary grow" disabled={busy} onClick={useExample}>
              <Icon name="wave" /> Example
            </button>
          </div>
        </>
      )}
      {speechTrouble.value && (
        <p class="trouble" role="alert">
          {speechTrouble.value}
        </p>
      )}
    </section>
  );
};
