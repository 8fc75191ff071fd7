import type { JSX } from "preact";
import { faceReady, still } from "../state/face.ts";
import { canTalk } from "../state/gateway.ts";
import {
  cancel,
  delay,
  failure,
  film,
  finishLive,
  firstPicture,
  phase,
  progress,
  reconnecting,
  reconnections,
  report,
  start,
  useCanvas,
} from "../state/performance.ts";
import { recording, speech, voice } from "../state/speech.ts";
import { Icon } from "./icon.tsx";
import { Provenance } from "./provenance.tsx";

/** One sentence about what goes on, for eyes and for screen readers. */
function told(): string {
  if (reconnecting.value) return "The connection broke. Reconnecting…";
  switch (phase.value) {
    case "preparing":
      return "Sending…";
    case "waiting": {
      const { label } = progress.value ?? { label: "" };
      return label ? `Getting ready: ${label}` : "Waiting for the first picture…";
    }
    case "playing":
      return voice.value === "live" ? "Live. Speak now." : "Speaking…";
    case "done":
      return "Done.";
    case "stopped":
      return "Stopped.";
    case "failed":
      return failure.value;
    default:
      return "";
  }
}

function missing(): string {
  if (!canTalk.value) return "This gateway has no application that lets faces speak.";
  if (!faceReady.value) return "Say first that the person in the picture agreed.";
  if (recording.value !== "no") return "Stop the recording first.";
  return voice.value === "sound" && !speech.value ? "Record some speech, or take the example." : "";
}

const Figures = (): JSX.Element | null => {
  const { shown, missed, fps, offsetMs, stalls } = report.value ?? {};
  const first = firstPicture.value;
  if (first === undefined) return null;
  const figure = (name: string, value: string) => (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
  return (
    <dl class="figures">
      {figure("First picture", `${(first / 1000).toFixed(1)} s`)}
      {delay.value !== undefined && figure("Behind your voice", `${Math.round(delay.value)} ms`)}
      {shown !== undefined && (
        <>
          {figure("Frames/s", String(fps))}
          {figure("Missed", `${missed} of ${shown + (missed ?? 0)}`)}
          {figure("Lip offset", `${(offsetMs?.mean ?? 0).toFixed(0)} ms`)}
          {figure("Waits", String(stalls))}
        </>
      )}
      {reconnections.value > 0 && figure("Reconnected", String(reconnections.value))}
    </dl>
  );
};

/** Where the face speaks. */
export const SpeakStage = (): JSX.Element => {
  const now = phase.value;
  const busy = now === "preparing" || now === "waiting" || now === "playing";
  const drawn = firstPicture.value !== undefined;
  const { done = 0, total = null } = progress.value ?? {};
  const why = missing();
  return (
    <section class="stage" aria-label="Stage">
      <div class={busy ? "screen screen-busy" : "screen"}>
        {!drawn && <img class="picture" src={still.value} alt="The chosen face" />}
        <canvas
          class="picture"
          width="256"
          height="256"
          ref={useCanvas}
          hidden={!drawn}
          role="img"
          aria-label={now === "playing" ? "The face, speaking" : "The last picture of the face"}
        />
        {drawn && <span class="badge">AI</span>}
        {now === "playing" && <span class="badge badge-live">{voice.value === "live" ? "Live" : "Streaming"}</span>}
      </div>
      <div class={busy ? "bar bar-on" : "bar"}>
        {busy && (
          <progress
            aria-label="Progress"
            {...(total && done > 0 ? { value: Math.min(done, total), max: total } : {})}
          />
        )}
      </div>
      <p class={now === "failed" ? "status trouble" : "status"} role="status" aria-live="polite">
        {told() || why || "Ready."}
      </p>
      <div class="row actions">
        {busy ? (
          <>
            {voice.value === "live" && now === "playing" && (
              <button type="button" class="primary grow" onClick={finishLive}>
                <Icon name="check" /> I have finished
              </button>
            )}
            <button type="button" class="secondary grow" onClick={cancel}>
              <Icon name="stop" filled /> Cancel
            </button>
          </>
        ) : (
          <button type="button" class="primary grow" disabled={why !== ""} onClick={start}>
            <Icon name={drawn ? "again" : "play"} filled={!drawn} />{" "}
            {voice.value === "live" ? "Go live" : drawn ? "Speak again" : "Let it speak"}
          </button>
        )}
      </div>
      {film.value && <Provenance {...film.value} />}
      <Figures />
    </section>
  );
};
