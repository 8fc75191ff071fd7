import type { JSX } from "preact";
import { faceReady, still } from "../state/face.ts";
import { canDub, canTalk } from "../state/gateway.ts";
import {
  act,
  cancel,
  delay,
  failure,
  film,
  finishLive,
  firstPicture,
  busy as performing,
  phase,
  progress,
  reconnecting,
  reconnections,
  report,
  start,
  useCanvas,
} from "../state/performance.ts";
import { mode } from "../state/settings.ts";
import { filmReady, sourceFilm } from "../state/source-film.ts";
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
      return live() ? "Live. Speak now." : "Speaking…";
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

const live = (): boolean => voice.value === "live" && mode.value === "speak";

function missing(): string {
  if (mode.value === "dub") {
    if (!canDub.value) return "This gateway has no application that dubs films.";
    if (!sourceFilm.value) return "Choose a film first.";
    if (!filmReady.value) return "Say first that the person in the film agreed.";
  } else {
    if (!canTalk.value) return "This gateway has no application that lets faces speak.";
    if (!faceReady.value) return "Say first that the person in the picture agreed.";
  }
  if (recording.value !== "no") return "Stop the recording first.";
  return !live() && !speech.value ? "Record some speech, or take the example." : "";
}

/** What stands on the screen before the first picture. */
const Source = (): JSX.Element => {
  if (mode.value === "speak") return <img class="picture" src={still.value} alt="The chosen face" />;
  if (!sourceFilm.value) return <p class="picture empty">A film, and what its face shall say.</p>;
  // biome-ignore lint/a11y/useMediaCaption: the words are the visitor's own
  return <video class="picture" src={sourceFilm.value.url} controls playsInline aria-label="The chosen film" />;
};

/** 0 to 1, from what the job says or from how much of the speech was shown; nothing before either is known. */
function share(): number | undefined {
  const { done = 0, total = null } = progress.value ?? {};
  if (total && done > 0) return Math.min(1, done / total);
  const { pts } = report.value ?? {};
  return pts === undefined || live() || !speech.value ? undefined : Math.min(1, pts / speech.value.seconds);
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

function label(again: boolean): string {
  if (mode.value === "dub") return again ? "Dub again" : "Dub it";
  return live() ? "Go live" : again ? "Speak again" : "Let it speak";
}

/** Where the face speaks, a portrait's or a film's. */
export const SpeakStage = (): JSX.Element => {
  const mine = act.value === mode.value;
  const now = mine ? phase.value : "idle";
  const busy = mine && performing.value;
  const drawn = mine && firstPicture.value !== undefined;
  const done = share();
  const why = missing();
  return (
    <section class="stage" aria-label="Stage">
      <div class={busy ? "screen screen-busy" : "screen"}>
        {!drawn && <Source />}
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
        {now === "playing" && <span class="badge badge-live">{live() ? "Live" : "Streaming"}</span>}
      </div>
      <div class={busy ? "bar bar-on" : "bar"}>
        {busy && <progress aria-label="Progress" {...(done === undefined ? {} : { value: done })} />}
      </div>
      <p class={now === "failed" ? "status trouble" : "status"} role="status" aria-live="polite">
        {[mine && told(), !busy && why].filter(Boolean).join(" ") || "Ready."}
      </p>
      <div class="row actions">
        {busy ? (
          <>
            {live() && now === "playing" && (
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
            <Icon name={drawn ? "again" : "play"} filled={!drawn} /> {label(drawn)}
          </button>
        )}
      </div>
      {mine && film.value && <Provenance {...film.value} />}
      {mine && <Figures />}
    </section>
  );
};
